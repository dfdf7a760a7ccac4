import { PNG } from "pngjs";
import { afterAll, describe, expect, test } from "vitest";
import { model, node } from "../support/onnx-model.ts";
import { SMALL_MODEL_DIMS, smallModel } from "../support/small-model.ts";
import { createPages } from "./harness.ts";

const browser = createPages();
afterAll(browser.close);

/** Two rows of three: red, green, blue, and half as bright. */
const WIDTH = 3;
const HEIGHT = 2;
const RGB = [...[255, 0, 0, 0, 255, 0, 0, 0, 255], ...[128, 0, 0, 0, 128, 0, 0, 0, 128]];
const PIXELS = Array.from({ length: WIDTH * HEIGHT }, (_, i) => [...RGB.slice(i * 3, i * 3 + 3), 255]).flat();
/** The planes of a tensor, over 255. */
const plane = (channel: number) =>
  Array.from({ length: WIDTH * HEIGHT }, (_, i) => (RGB[i * 3 + channel] as number) / 255);
const PLANES = [0, 1, 2].flatMap(plane);
/** The same as a file. */
const file = (): Uint8Array => {
  const png = new PNG({ width: WIDTH, height: HEIGHT });
  png.data.set(PIXELS);
  return new Uint8Array(PNG.sync.write(png));
};
const picture = { pixels: PIXELS, width: WIDTH, height: HEIGHT };

const round = (values: readonly number[]) => values.map((value) => Math.round(value * 1000) / 1000);

describe("in a page, lanewise/ort", () => {
  test("runs a model from its address, a Blob and a File, and fails as onnxruntime does", async (context) => {
    const pages = await browser.open(context);
    const path = pages.serve("/ort-small.onnx", { body: smallModel() });
    const result = await pages.run(
      async ({ ort, lanewise }, { path, dims }) => {
        const blob = await (await fetch(path)).blob();
        const outputs: string[] = [];
        for (const source of [path, blob, new File([blob], "small.onnx")]) {
          const session = await ort.InferenceSession.create(source as string, {
            executionProviders: ["wasm"],
          });
          const x = new ort.Tensor("float32", new Float32Array(1440).fill(1), dims);
          const { y } = await session.run({ x });
          outputs.push(String(y?.data));
          await session.release();
        }
        const gpu = await ort.InferenceSession.create(path, { executionProviders: ["webgpu"] }).catch(String);
        const html = await ort.InferenceSession.create("/nothing.onnx").catch((error) => error);
        return {
          ...{ same: new Set(outputs).size, gpu, resource: html instanceof lanewise.ResourceError },
          ...{
            frozen: Object.isFrozen(ort.env.wasm),
            proxy: ort.env.wasm.proxy,
            entry: ort.default.env === ort.env,
          },
        };
      },
      { path, dims: SMALL_MODEL_DIMS },
      { ort: true },
    );
    expect(result).toMatchObject({ same: 1, resource: true, frozen: false, proxy: false, entry: true });
    expect(result.gpu).toContain("no available backend found");
  });

  test.for([false, true])(
    "runs on threads where it may, and says where not: isolated %s",
    async (isolated, context) => {
      const pages = await browser.open(context);
      const path = pages.serve("/ort-small.onnx", { body: smallModel() });
      const [outputs, warnings] = await pages.run(
        async ({ ort }, { path, dims }) => {
          const warnings: string[] = [];
          console.warn = (text) => warnings.push(String(text));
          const outputs: string[] = [];
          for (const numThreads of [1, 2, 2, 0]) {
            ort.env.wasm.numThreads = numThreads;
            const session = await ort.InferenceSession.create(path);
            const x = new ort.Tensor(
              "float32",
              Float32Array.from({ length: 1440 }, (_, i) => Math.sin(i)),
              dims,
            );
            outputs.push(String((await session.run({ x })).y?.data));
            await session.release();
          }
          return [outputs, warnings] as const;
        },
        { path, dims: SMALL_MODEL_DIMS },
        { ort: true, isolated },
      );
      expect(new Set(outputs).size).toBe(1);
      if (isolated) expect(warnings).toEqual([]);
      else expect(warnings).toEqual([expect.stringMatching(/^lanewise\/ort: threads: .*: running on one$/)]);
    },
  );

  test("makes tensors of ImageData, an ImageBitmap, an element and an address", async (context) => {
    const pages = await browser.open(context);
    const address = pages.serve("/ort-picture.png", { type: "image/png", body: file() });
    const made = await pages.run(
      async ({ ort }, { pixels, width, height, address }) => {
        const { Tensor } = ort;
        const image = new ImageData(Uint8ClampedArray.from(pixels), width, height);
        const element = new Image();
        element.src = address;
        await element.decode();
        const bitmap = await createImageBitmap(await (await fetch(address)).blob());
        const tensors = {
          imageData: await Tensor.fromImage(image),
          bgr: await Tensor.fromImage(image, { tensorFormat: "BGR" }),
          bitmap: await Tensor.fromImage(bitmap, { tensorFormat: "RGB" }),
          element: await Tensor.fromImage(element),
          address: await Tensor.fromImage(address),
        };
        return Object.fromEntries(
          Object.entries(tensors).map(([name, { type, dims, data }]) => [
            name,
            { type, dims, data: Array.from(data as Float32Array) },
          ]),
        );
      },
      { ...picture, address },
      { ort: true },
    );
    const opaque = new Array(WIDTH * HEIGHT).fill(1);
    const expected = {
      ...{ imageData: PLANES, bitmap: PLANES, address: PLANES, bgr: [2, 1, 0].flatMap(plane) },
      // onnxruntime-common's own choice for elements.
      element: [...PLANES, ...opaque],
    };
    for (const [name, data] of Object.entries(expected)) {
      const tensor = made[name];
      expect([tensor?.type, tensor?.dims], name).toEqual(["float32", [1, data.length / 6, HEIGHT, WIDTH]]);
      expect(round(tensor?.data ?? []), name).toEqual(round(data));
    }
  });

  test("makes ImageData and a data URL of a tensor", async (context) => {
    const pages = await browser.open(context);
    const { data, size, url } = await pages.run(
      async ({ ort }, { planes, width, height }) => {
        const tensor = new ort.Tensor("float32", Float32Array.from(planes), [1, 3, height, width]);
        const image = tensor.toImageData();
        return { data: Array.from(image.data), size: [image.width, image.height], url: tensor.toDataURL() };
      },
      { planes: PLANES, width: WIDTH, height: HEIGHT },
      { ort: true },
    );
    expect(size).toEqual([WIDTH, HEIGHT]);
    expect(data).toEqual(PIXELS);
    const [head, base64] = url.split(",") as [string, string];
    expect(head).toBe("data:image/png;base64");
    const png = PNG.sync.read(Buffer.from(base64, "base64"));
    expect([png.width, png.height, Array.from(png.data)]).toEqual([WIDTH, HEIGHT, PIXELS]);
  });

  test("takes and gives float16 as the engine has it, and plain numbers never as bits", async (context) => {
    const pages = await browser.open(context);
    const half = { dtype: "float16", dims: [2] } as const;
    const nodes = [node("Add", ["x", "x"], ["y"])];
    const path = pages.serve("/ort-half.onnx", {
      body: model({ inputs: { x: half }, outputs: { y: half }, nodes }),
    });
    const { has, converted, outputs, given } = await pages.run(
      async ({ ort }, { path }) => {
        const numbers = (data: unknown) => Array.from(data as Iterable<number>);
        const session = await ort.InferenceSession.create(path);
        const bits = new ort.Tensor("float16", Uint16Array.of(0x3c00, 0xc000));
        const y = new ort.Tensor("float16", new Uint16Array(2));
        await session.run({ x: bits }, { y });
        const of = ({ data }: { data: unknown }) =>
          numbers(new Uint16Array((data as Uint16Array).buffer, (data as Uint16Array).byteOffset, 2));
        let converted: unknown;
        try {
          const x = new ort.Tensor("float16", [1, -2]);
          converted = [numbers(x.data), of(x)];
        } catch (error) {
          converted = (error as Error).name;
        }
        const result = (await session.run({ x: bits })).y as { data: unknown };
        return { has: "Float16Array" in globalThis, converted, outputs: of(result), given: of(y) };
      },
      { path },
      { ort: true },
    );
    expect([outputs, given]).toEqual(new Array(2).fill([0x4000, 0xc400]));
    expect(converted).toEqual(
      has
        ? [
            [1, -2],
            [0x3c00, 0xc000],
          ]
        : "TypeError",
    );
  });

  test("prints a profile, where there are no files", async (context) => {
    const pages = await browser.open(context);
    const path = pages.serve("/ort-small.onnx", { body: smallModel() });
    const printed = await pages.run(
      async ({ ort }, { path, dims }) => {
        const lines: string[] = [];
        console.log = (text) => lines.push(String(text));
        const session = await ort.InferenceSession.create(path, { enableProfiling: true });
        await session.run({ x: new ort.Tensor("float32", new Float32Array(1440), dims) });
        session.endProfiling();
        return lines;
      },
      { path, dims: SMALL_MODEL_DIMS },
      { ort: true },
    );
    expect(printed).toHaveLength(1);
    const events = JSON.parse(printed[0] as string) as { cat: string; name: string }[];
    expect(events.filter(({ cat }) => cat === "Session").map(({ name }) => name)).toEqual([
      "session_initialization",
      "model_run",
    ]);
  });
});
