import type { Graph } from "../src/graph/graph.ts";
import { graphBuilder } from "../src/nn/build.ts";
import { exportModel } from "../src/onnx/export.ts";
import { tensorData } from "../src/tensor.ts";

const HORIZONTAL = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
const VERTICAL = [-1, -2, -1, 0, 0, 0, 1, 2, 1];

/**
 * The Sobel operator as a network: `image` [1, 1, height, width], grey from 0 to 1, to `edges` of the same dims, the
 * strength of its edges √(Ix² + Iy²), cut to 0…1. The frame's pixels are repeated outwards, so that it is no edge.
 *
 * Source: I. Sobel, G. Feldman, "A 3×3 isotropic gradient operator for image processing" (1968).
 */
export function sobelGraph(): Graph {
  const { input, constant, node, output, finish } = graphBuilder({ name: "sobel", opset: 13 });
  const image = input("image", "float32", [1, 1, "height", "width"]);
  const pads = constant("pads", tensorData("int64", [8], BigInt64Array.of(0n, 0n, 1n, 1n, 0n, 0n, 1n, 1n)));
  const padded = node("Pad", [image, pads], { mode: "edge" }, { outputs: ["padded"] });
  const gradient = (name: string, kernel: readonly number[]): string => {
    const weight = constant(`${name}_kernel`, tensorData("float32", [1, 1, 3, 3], Float32Array.from(kernel)));
    return node("Conv", [padded, weight], { kernelShape: [3, 3] }, { outputs: [name] });
  };
  const square = (value: string): string => node("Mul", [value, value], {}, { outputs: [`${value}²`] });
  const sum = node(
    "Add",
    [square(gradient("Ix", HORIZONTAL)), square(gradient("Iy", VERTICAL))],
    {},
    { outputs: ["Ix²+Iy²"] },
  );
  const strength = node("Sqrt", [sum], {}, { outputs: ["strength"] });
  const zero = constant("zero", tensorData("float32", [], Float32Array.of(0)));
  const one = constant("one", tensorData("float32", [], Float32Array.of(1)));
  output(node("Clip", [strength, zero, one], {}, { outputs: ["edges"] }));
  return finish();
}

/** The bytes of models/sobel.onnx. */
export const sobelModel = (): Uint8Array => exportModel(sobelGraph());
