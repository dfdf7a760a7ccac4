// Stands in for protobufjs/src/util/minimal.js where models are read and never written: what its Reader asks for.
const float32 = new Float32Array(1);
const float64 = new Float64Array(1);
const bytes32 = new Uint8Array(float32.buffer);
const bytes64 = new Uint8Array(float64.buffer);

class LongBits {
  constructor(lo, hi) {
    this.lo = lo;
    this.hi = hi;
  }

  toLong(unsigned) {
    return new exports.Long(this.lo | 0, this.hi | 0, unsigned);
  }
}

exports.LongBits = LongBits;
exports.Array = Uint8Array;
exports.merge = Object.assign;
exports.newBuffer = (bytes) => new Uint8Array(bytes);
exports.utf8 = require("@protobufjs/utf8");
exports._configure = () => {};
// Bytes as they lie: wasm, and what runs it, is little-endian.
exports.float = {
  readFloatLE(buffer, at) {
    for (let i = 0; i < 4; i++) bytes32[i] = buffer[at + i];
    return float32[0];
  },
  readDoubleLE(buffer, at) {
    for (let i = 0; i < 8; i++) bytes64[i] = buffer[at + i];
    return float64[0];
  },
};
