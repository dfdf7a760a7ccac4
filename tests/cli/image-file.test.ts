import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { afterAll, describe, expect, test } from "vitest";
import { drawPicture } from "../../scripts/make-picture.mjs";
import { decodeImage, encodePng, readImageFile, writePngFile } from "../../src/cli/image-file.ts";
import { jpegOrientation, oriented } from "../../src/cli/jpeg-header.ts";
import { ResourceError } from "../../src/errors.ts";
import { crc32 } from "../support/crc32.ts";
import { greys, pattern, photos, red } from "../vision/pattern.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

// Written by Pillow 12.3.
const pngs = {
  grey16:
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACEAAAAADoj+WFAAAAFklEQVR4nGNgYGBk+P+fkflFrYSMAwAYXQPda1ck+gAAAABJRU5ErkJggg==",
  grey8: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAAAAAA+i0toAAAADElEQVR4nGNgaPgPAAIDAYAkYfWXAAAAAElFTkSuQmCC",
  grey1: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABAQAAAAAzmykZAAAACklEQVR4nGNIAAAAYgBhsZh58gAAAABJRU5ErkJggg==",
  greyAlpha:
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR4nGNg5zzxHwACywHYyVgreQAAAABJRU5ErkJggg==",
  palette:
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAgMAAADgGo6JAAAADFBMVEX/AAAA/wAAAP8AAAD7vkbkAAAAAnRSTlP/AOW3MEoAAAAMSURBVHicY5BgmAAAANwAqWznwCMAAAAASUVORK5CYII=",
};
const progressive =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAQACADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAcG/8QAFwEAAwEAAAAAAAAAAAAAAAAABAUGCP/aAAwDAQACEAMQAAABwCgoYmJjVSP/xAAUEAEAAAAAAAAAAAAAAAAAAAAw/9oACAEBAAEFAg//xAAYEQACAwAAAAAAAAAAAAAAAAAQF2Si4v/aAAgBAwEBPwFjRL4H/8QAFhEAAwAAAAAAAAAAAAAAAAAAEBRi/9oACAECAQE/AXJH/8QAFBABAAAAAAAAAAAAAAAAAAAAMP/aAAgBAQAGPwIP/8QAFBABAAAAAAAAAAAAAAAAAAAAMP/aAAgBAQABPyEP/9oADAMBAAIAAwAAABD/AP8A/8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAwEBPxAr/8QAFxEAAwEAAAAAAAAAAAAAAAAAEBHh8P/aAAgBAgEBPxDDg//EABQQAQAAAAAAAAAAAAAAAAAAADD/2gAIAQEAAT8QD//Z";

/** A picture of 16×16 blocks of grey, which JPEG keeps. */
function blocks(width: number, ...values: number[]): Uint8Array {
  const height = values.length / width;
  const data = new Uint8Array(width * height * 1024).fill(255);
  for (let y = 0; y < height * 16; y++) {
    for (let x = 0; x < width * 16; x++) {
      data.fill(
        values[(y >> 4) * width + (x >> 4)] as number,
        (y * width * 16 + x) * 4,
        (y * width * 16 + x) * 4 + 3,
      );
    }
  }
  return new Uint8Array(jpeg.encode({ data, width: width * 16, height: height * 16 }, 95).data);
}

/** The JPEG with an EXIF segment that says so. */
function withOrientation(file: Uint8Array, orientation: number, little: boolean): Uint8Array {
  const tiff = new Uint8Array(26);
  const view = new DataView(tiff.buffer);
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, 1, little);
  view.setUint16(10, 0x0112, little);
  view.setUint16(12, 3, little);
  view.setUint32(14, 1, little);
  view.setUint16(18, orientation, little);
  const head = Buffer.from("Exif\0\0", "latin1");
  const size = 2 + head.length + tiff.length;
  return Buffer.concat([
    file.subarray(0, 2),
    Uint8Array.of(0xff, 0xe1, size >> 8, size),
    head,
    tiff,
    file.subarray(2),
  ]);
}

describe("PNG", () => {
  test("reads every kind as RGBA bytes", () => {
    expect(red(decodeImage(bytesOf(pngs.grey16), "g"))).toEqual([0, 1, 255, 4, 128, 156]);
    expect([...decodeImage(bytesOf(pngs.grey8), "g").data]).toEqual([
      0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255,
    ]);
    expect(red(decodeImage(bytesOf(pngs.grey1), "g"))).toEqual([0, 255, 255]);
    expect([...decodeImage(bytesOf(pngs.greyAlpha), "g").data]).toEqual([7, 7, 7, 9, 200, 200, 200, 255]);
    const { data, width, height } = decodeImage(bytesOf(pngs.palette), "p");
    expect([width, height]).toEqual([3, 2]);
    const [r, g, b] = [
      [255, 0, 0, 255],
      [0, 255, 0, 0],
      [0, 0, 255, 255],
    ] as const;
    expect([...data]).toEqual([r, g, b, b, g, r].flat());
  });

  test("comes back as written, RGBA and 16-bit RGB", async () => {
    const path = join(folder, "back.png");
    const image = { width: 2, height: 2, data: Uint8ClampedArray.from({ length: 16 }, (_, i) => i * 17) };
    await writePngFile(path, image);
    expect([...(await readImageFile(path)).data]).toEqual([...image.data]);
    const deep = new PNG({ width: 1, height: 1 });
    deep.data = Buffer.from(Uint16Array.of(65535, 257, 0, 65535).buffer);
    const options = { bitDepth: 16, colorType: 2, inputColorType: 6, inputHasAlpha: true } as const;
    expect([...decodeImage(PNG.sync.write(deep, options), "deep").data]).toEqual([255, 1, 0, 255]);
  });

  test("does not mind bytes after the end", () => {
    const file = encodePng(pattern(5, 4));
    const longer = Buffer.concat([file, Buffer.from("padding")]);
    expect([...decodeImage(longer, "long").data]).toEqual([...pattern(5, 4).data]);
  });

  test("a file cut anywhere is a ResourceError", () => {
    const file = encodePng(pattern(9, 9));
    for (let size = 0; size < file.length; size++) {
      expect(() => decodeImage(file.subarray(0, size), "cut.png")).toThrow(ResourceError);
    }
    expect(() => decodeImage(file.subarray(0, 60), "cut.png")).toThrow(
      /^cut\.png: broken or truncated PNG: it ends within/,
    );
  });

  test("a flipped byte is a ResourceError or harmless", () => {
    const file = encodePng(pattern(9, 9));
    let failed = 0;
    for (let at = 8; at < file.length; at++) {
      const broken = file.slice();
      broken[at] = (broken[at] as number) ^ 0x55;
      try {
        decodeImage(broken, "broken.png");
      } catch (error) {
        expect(error).toBeInstanceOf(ResourceError);
        failed++;
      }
    }
    expect(failed).toBeGreaterThan(file.length / 2);
  });
});

/** A PNG of these chunks, whose checksums are right. */
function png(...chunks: readonly (readonly [type: string, data: Uint8Array])[]): Uint8Array {
  const parts = chunks.map(([type, data]) => {
    const chunk = Buffer.alloc(12 + data.length);
    chunk.writeUInt32BE(data.length);
    chunk.write(type, 4, "latin1");
    chunk.set(data, 8);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
    return chunk;
  });
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

function header(width: number, height: number, depth = 8, colour = 0, interlaced = 0): Uint8Array {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32BE(width);
  bytes.writeUInt32BE(height, 4);
  bytes.set([depth, colour, 0, 0, interlaced], 8);
  return bytes;
}

const END = ["IEND", new Uint8Array(0)] as const;

describe("a PNG that would take too much memory", () => {
  /** The error of decoding it, and by how much the process has grown. */
  function refused(bytes: Uint8Array): { error: unknown; grownBytes: number } {
    const before = process.memoryUsage().rss;
    try {
      decodeImage(bytes, "big.png");
    } catch (error) {
      return { error, grownBytes: process.memoryUsage().rss - before };
    }
    throw new Error("was decoded");
  }

  test.each([
    ["30000² of black and white", header(30_000, 30_000, 1)],
    ["16000² of RGBA", header(16_000, 16_000, 8, 6)],
    ["15000² of 16-bit RGBA", header(15_000, 15_000, 16, 6)],
    ["one row", header(2 ** 31 - 1, 1)],
    ["no pixel, but many columns", header(2 ** 32 - 1, 2 ** 32 - 1)],
  ])("is refused by its header: %s", (_, head) => {
    const { error, grownBytes } = refused(png(["IHDR", head], ["IDAT", deflateSync(new Uint8Array(9))], END));
    expect(error).toBeInstanceOf(ResourceError);
    expect((error as Error).message).toMatch(/big\.png: \d+×\d+ pixels are too many: at most 250 megapixels/);
    expect(grownBytes).toBeLessThan(2 ** 26);
  });

  test("is refused where its data inflate to more than its header says", () => {
    const bomb = deflateSync(new Uint8Array(2 ** 29), { level: 1 });
    for (const interlaced of [0, 1]) {
      const file = png(["IHDR", header(8, 8, 8, 0, interlaced)], ["IDAT", bomb], END);
      const before = process.memoryUsage().rss;
      try {
        // Not interlaced, what is beyond the picture is not looked at.
        expect(decodeImage(file, "bomb.png").width).toBe(8);
        expect(interlaced).toBe(0);
      } catch (error) {
        expect(error).toBeInstanceOf(ResourceError);
      }
      expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 27);
    }
  });

  test("is refused where a second header says more than the first", () => {
    const file = png(
      ["IHDR", header(8, 8)],
      ["IHDR", header(30_000, 30_000)],
      ["IDAT", deflateSync(new Uint8Array(72))],
      END,
    );
    expect(() => decodeImage(file, "two.png")).toThrow(/two\.png: .*second header/);
  });

  test("and no interlaced one that is whole", () => {
    for (const [width, height] of [
      [1, 1],
      [3, 2],
      [8, 8],
      [13, 5],
    ] as const) {
      const passes = [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ];
      const rows = passes.flatMap(([x = 0, y = 0, dx = 1, dy = 1]) => {
        const columns = Math.max(0, Math.ceil((width - x) / dx));
        const count = columns === 0 ? 0 : Math.max(0, Math.ceil((height - y) / dy));
        return Array.from({ length: count }, () => [0, ...Array<number>(columns).fill(77)]);
      });
      const data = deflateSync(Uint8Array.from(rows.flat()));
      const image = decodeImage(
        png(["IHDR", header(width, height, 8, 0, 1)], ["IDAT", data], END),
        "small.png",
      );
      expect(red(image)).toEqual(Array<number>(width * height).fill(77));
    }
  });
});

describe("JPEG", () => {
  test("reads baseline and progressive", () => {
    const image = decodeImage(blocks(2, 40, 200), "two.jpg");
    expect([image.width, image.height]).toEqual([32, 16]);
    expect(Math.abs((image.data[0] as number) - 40)).toBeLessThan(3);
    expect(Math.abs((image.data[31 * 4] as number) - 200)).toBeLessThan(3);
    const colours = decodeImage(bytesOf(progressive), "progressive.jpg");
    expect([colours.width, colours.height]).toEqual([32, 16]);
    const near = (at: number, wanted: number[]) => {
      for (const [c, value] of wanted.entries())
        expect(Math.abs((colours.data[at * 4 + c] as number) - value)).toBeLessThan(25);
    };
    near(0, [200, 30, 30]);
    near(31, [30, 30, 200]);
    near(15 * 32, [30, 200, 30]);
  });

  // What the stored [1 2 3; 4 5 6] looks like upright, from the EXIF standard's table of row 0 and column 0.
  const upright = [
    [1, 3, [1, 2, 3, 4, 5, 6]],
    [2, 3, [3, 2, 1, 6, 5, 4]],
    [3, 3, [6, 5, 4, 3, 2, 1]],
    [4, 3, [4, 5, 6, 1, 2, 3]],
    [5, 2, [1, 4, 2, 5, 3, 6]],
    [6, 2, [4, 1, 5, 2, 6, 3]],
    [7, 2, [6, 3, 5, 2, 4, 1]],
    [8, 2, [3, 6, 2, 5, 1, 4]],
  ] as const;

  test.each(upright)("orientation %d", (orientation, width, expected) => {
    const turned = oriented(greys(3, 1, 2, 3, 4, 5, 6), orientation);
    expect(turned.width).toBe(width);
    expect(turned.height).toBe(6 / width);
    expect(red(turned)).toEqual(expected);
    for (const little of [true, false]) {
      const file = withOrientation(blocks(3, 20, 60, 100, 140, 180, 220), orientation, little);
      expect(jpegOrientation(file)).toBe(orientation);
      const image = decodeImage(file, "turned.jpg");
      expect(image.width).toBe(width * 16);
      const found = expected.map((_, i) => {
        const at = ((Math.floor(i / width) * 16 + 8) * image.width + (i % width) * 16 + 8) * 4;
        return Math.round(((image.data[at] as number) + 20) / 40);
      });
      expect(found).toEqual(expected);
    }
  });

  test("a broken EXIF segment means upright", () => {
    const file = withOrientation(blocks(1, 9), 6, true);
    expect(jpegOrientation(withOrientation(blocks(1, 9), 9, true))).toBe(1);
    for (let at = 12; at < 38; at++) {
      const broken = file.slice();
      broken[at] = 0xff;
      expect(jpegOrientation(broken)).toBeGreaterThanOrEqual(1);
      expect(jpegOrientation(broken)).toBeLessThanOrEqual(8);
    }
    for (let size = 2; size < 40; size++)
      expect(jpegOrientation(file.subarray(0, size))).toBeLessThanOrEqual(6);
  });

  test("a file without its end marker is read, one cut before it is a ResourceError", () => {
    const file = blocks(2, 10, 90);
    expect(decodeImage(file.subarray(0, -2), "noend.jpg").width).toBe(32);
    for (let size = 3; size < file.length - 4; size++) {
      expect(() => decodeImage(file.subarray(0, size), "cut.jpg")).toThrow(ResourceError);
    }
    expect(() => decodeImage(file.subarray(0, file.length - 8), "cut.jpg")).toThrow(
      /^cut\.jpg: broken or truncated JPEG: /,
    );
  });
});

describe("other files", () => {
  test("are told by path and reason", async () => {
    await expect(readImageFile(join(folder, "none.png"))).rejects.toThrow(
      /none\.png: cannot read: no such file/,
    );
    await expect(readImageFile(folder)).rejects.toThrow("is a directory");
    await expect(writePngFile(join(folder, "no/where.png"), greys(1, 1))).rejects.toThrow(ResourceError);
    const path = join(folder, "page.jpg");
    writeFileSync(path, "<!doctype html>");
    await expect(readImageFile(path)).rejects.toThrow(`${path}: is not an image; PNG and JPEG can be read`);
    expect(() => decodeImage(new Uint8Array(0), "e")).toThrow("e: is empty; ");
    expect(() => decodeImage(Buffer.from("GIF89a"), "g")).toThrow("g: is a GIF file; ");
    expect(() => decodeImage(Buffer.from("RIFF\x10\0\0\0WEBPVP8 "), "w")).toThrow("w: is a WebP file; ");
  });
});

test("models/lighthouse.png is what its script draws", async () => {
  const shipped = await readImageFile(fileURLToPath(new URL("../../models/lighthouse.png", import.meta.url)));
  const drawn = decodeImage(drawPicture(), "drawn");
  expect([shipped.width, shipped.height]).toEqual([320, 240]);
  // Engines may differ in the last bit of a sine.
  const worst = Uint8Array.from(shipped.data).reduce(
    (most, byte, at) => Math.max(most, Math.abs(byte - (drawn.data[at] as number))),
    0,
  );
  expect(worst).toBeLessThanOrEqual(1);
});

describe("shared photos", () => {
  const shared = photos();
  const why = shared ? "" : " (skipped: no ../shared/data, set LANEWISE_DATA)";

  test.skipIf(shared === undefined)(`are all read${why}`, async () => {
    const samples = join(shared as string, "imagenet_samples");
    const names = readdirSync(samples).filter((name) => name.endsWith(".JPEG"));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names.slice(0, 12)) {
      const { width, height } = await readImageFile(join(samples, name));
      expect(Math.min(width, height), name).toBeGreaterThan(50);
    }
    const cat = readFileSync(join(shared as string, "tfjs_cat.jpg"));
    expect(() => decodeImage(cat.subarray(0, cat.length >> 1), "cat")).toThrow(ResourceError);
  });
});
