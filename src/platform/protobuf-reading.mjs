// Stands in for protobufjs/minimal.js where models are read and never written: its Reader, with what ONNX takes of it. What
// it makes of damaged bytes, and what it says of them, is what protobufjs does.
export const util = { Long: undefined, newBuffer: (bytes) => new Uint8Array(bytes) };

export class Reader {
  static create(buffer) {
    if (!(buffer instanceof Uint8Array)) throw Error("illegal buffer");
    return new Reader(buffer);
  }

  constructor(buffer) {
    this.buf = buffer;
    this.pos = 0;
    this.len = buffer.length;
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  uint32() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buf[this.pos++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    // The upper half of a 64-bit integer.
    this.pos += 5;
    if (this.pos > this.len) {
      this.pos = this.len;
      this.need(10);
    }
    return value >>> 0;
  }

  int32() {
    return this.uint32() | 0;
  }

  int64() {
    return this.long(false);
  }

  uint64() {
    return this.long(true);
  }

  long(unsigned) {
    let low = 0;
    let high = 0;
    // Where four bytes are left or fewer, the fourth ends an integer whatever it says, and even if it is not there.
    const close = this.len - this.pos <= 4;
    for (let i = 0; i < 10; i++) {
      const ends = close && i === 3;
      if (!ends) this.need(1);
      const byte = this.buf[this.pos++];
      const bits = byte & 127;
      if (i < 5) low |= bits << (7 * i);
      if (i === 4) high = bits >> 4;
      else if (i > 4) high |= bits << (7 * i - 32);
      if (byte < 128 || ends) return new util.Long(low | 0, high | 0, unsigned);
    }
    throw Error("invalid varint encoding");
  }

  float() {
    this.need(4);
    this.pos += 4;
    return this.view.getFloat32(this.pos - 4, true);
  }

  double() {
    this.need(8, 4);
    this.pos += 8;
    return this.view.getFloat64(this.pos - 8, true);
  }

  bytes() {
    const length = this.uint32();
    this.need(length);
    this.pos += length;
    return this.buf.subarray(this.pos - length, this.pos);
  }

  skip(length) {
    this.need(length);
    this.pos += length;
  }

  skipType(wireType) {
    if (wireType === 0) {
      do this.need(1);
      while (this.buf[this.pos++] & 128);
    } else if (wireType === 1) this.skip(8);
    else if (wireType === 2) this.skip(this.uint32());
    else if (wireType === 3) {
      for (let inner = this.uint32() & 7; inner !== 4; inner = this.uint32() & 7) this.skipType(inner);
    } else if (wireType === 5) this.skip(4);
    else throw Error(`invalid wire type ${wireType} at offset ${this.pos}`);
  }

  /** Throws unless so many bytes are left. */
  need(count, said = count) {
    if (this.pos + count > this.len)
      throw RangeError(`index out of range: ${this.pos} + ${said || 1} > ${this.len}`);
  }
}

export default { Reader, util, configure() {} };
