import { editGraph, type GraphEdit } from "../graph/edit.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { elementCount, type TensorData } from "../tensor.ts";

/**
 * Gives depthwise convolutions whose kernels were written out with zeros between their taps (as converters do that know
 * no dilation) the smaller kernel and its dilation. An infinity or NaN under such a zero no longer makes a NaN.
 */
export function findDilation(graph: Graph): Graph {
  const edit = editGraph(graph);
  edit.visit((node) => {
    const weight = depthwiseWeight(node, edit);
    if (weight === undefined) return;
    const kernel = weight.dims.slice(2);
    const steps = kernel.map((_, axis) => tapStep(weight, axis));
    if (steps.every((step) => step === 1)) return;
    const [x, base, ...rest] = node.inputs as [string, string, ...string[]];
    const thinned = thin(weight, steps);
    const dilations = node.attributes.dilations as readonly number[] | undefined;
    edit.replace(node, {
      ...node,
      attributes: {
        ...node.attributes,
        kernelShape: thinned.dims.slice(2),
        dilations: steps.map((step, axis) => step * (dilations?.[axis] ?? 1)),
      },
      inputs: [x, edit.addConstant(base, thinned), ...rest],
    });
  });
  return edit.close();
}

/** The constant float32 weight [C, 1, …] of a depthwise Conv. */
function depthwiseWeight(node: Node, edit: GraphEdit): TensorData<"float32"> | undefined {
  if (node.op !== "Conv" || node.domain !== "") return undefined;
  const weight = edit.constant(node.inputs[1] as string);
  if (weight?.dtype !== "float32" || weight.dims[1] !== 1) return undefined;
  return (node.attributes.group as number) === weight.dims[0] ? (weight as TensorData<"float32">) : undefined;
}

/** The widest step along a spatial axis, both ends of the kernel on it, off which every tap is zero; 1 if there is none. */
function tapStep(weight: TensorData<"float32">, axis: number): number {
  const size = weight.dims[2 + axis] as number;
  const inner = elementCount(weight.dims.slice(3 + axis));
  const { data } = weight;
  for (let step = size - 1; step > 1; step--) {
    if ((size - 1) % step !== 0) continue;
    if (data.every((value, i) => value === 0 || (Math.floor(i / inner) % size) % step === 0)) return step;
  }
  return 1;
}

/** The weight with only every `steps[axis]`-th tap of its spatial axes. */
function thin(weight: TensorData<"float32">, steps: readonly number[]): TensorData<"float32"> {
  const kernel = weight.dims.slice(2);
  const dims = [
    ...weight.dims.slice(0, 2),
    ...kernel.map((size, axis) => (size - 1) / (steps[axis] as number) + 1),
  ];
  const data = weight.data.filter((_, i) => {
    let rest = i;
    for (let axis = kernel.length - 1; axis >= 0; axis--) {
      const size = kernel[axis] as number;
      if ((rest % size) % (steps[axis] as number) !== 0) return false;
      rest = Math.floor(rest / size);
    }
    return true;
  });
  return { dtype: "float32", dims, data };
}
