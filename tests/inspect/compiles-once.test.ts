import { beforeEach, expect, test, vi } from "vitest";
import { Tensor } from "../../src/index.ts";
import { type Inspector, inspector } from "../../src/inspect/index.ts";
import { conv2d, dense, flatten, globalAveragePool2d, relu, sequential } from "../../src/nn/index.ts";
import { random } from "../support/random.ts";

// How often a network is compiled, by the calls of what compiles it.
const compiled = vi.hoisted(() => ({ count: 0 }));
vi.mock("../../src/compile.ts", async (original) => {
  const own = await original<typeof import("../../src/compile.ts")>();
  const compiling: typeof own.compiling = (...args) => {
    compiled.count++;
    return own.compiling(...args);
  };
  return { ...own, compiling };
});

const network = sequential({ input: [1, 8, 8], seed: 1 }, [
  conv2d({ filters: 3, kernelSize: 3 }),
  relu({ name: "maps" }),
  globalAveragePool2d(),
  flatten(),
  dense({ units: 2 }),
]);
const x = new Tensor("float32", random(1).tensor("float32", [1, 1, 8, 8]).data as Float32Array, [1, 1, 8, 8]);

beforeEach(() => {
  compiled.count = 0;
});

test("opening an inspector compiles nothing", async () => {
  await inspector(network);
  expect(compiled.count).toBe(0);
});

test.each<[string, (inside: Inspector) => Promise<unknown>]>([
  ["saliency", (inside) => inside.saliency(x)],
  ["smoothGrad", (inside) => inside.smoothGrad(x, { samples: 3 })],
  ["integratedGradients", (inside) => inside.integratedGradients(x, { steps: 3 })],
  ["gradCam", (inside) => inside.gradCam(x)],
  ["cam", (inside) => inside.cam(x)],
  ["occlusion", (inside) => inside.occlusion(x)],
])("%s compiles the network once, and nothing when it is asked again", async (_, ask) => {
  const inside = await inspector(network);
  await ask(inside);
  expect(compiled.count).toBe(1);
  await ask(inside);
  expect(compiled.count).toBe(1);
  await inside.release();
});

test("of gradients by the picture, one plan serves all", async () => {
  const inside = await inspector(network);
  await inside.saliency(x);
  await inside.smoothGrad(x, { samples: 2, target: 1 });
  await inside.integratedGradients(x, { steps: 2 });
  expect(compiled.count).toBe(1);
  await inside.release();
});
