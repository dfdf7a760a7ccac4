import { createData } from "../../../dtype.ts";
import { rowMajorStrides } from "../../../graph/dims.ts";
import type { Dim, Fact, Graph } from "../../../graph/graph.ts";
import type { Work } from "../../../interruptible.ts";
import { heldBytes } from "../../../memory-limit.ts";
import { elementCount, type TensorData, zeros } from "../../../tensor.ts";
import {
  defineOp,
  type EvaluateContext,
  factOf,
  graph,
  type InferContext,
  int,
  ints,
  type RuntimeValue,
  required,
} from "../../define.ts";
import { copyRun, readStrided } from "../../movement/strided-copy.ts";
import { entryTensor, stack } from "../../sequence/sequences.ts";
import { axisOf, type Failing } from "../../shared/axes.ts";
import { like, toNumberArray } from "../../shared/elements.ts";
import { settle } from "../looping.ts";

interface ScanAttributes {
  readonly body: Graph | undefined;
  readonly numScanInputs: number | undefined;
  readonly directions: readonly number[] | undefined;
  readonly scanInputDirections: readonly number[] | undefined;
  readonly scanOutputDirections: readonly number[] | undefined;
  readonly scanInputAxes: readonly number[] | undefined;
  readonly scanOutputAxes: readonly number[] | undefined;
}

/**
 * Scan: a graph run along an axis of its scan inputs, with state going round and outputs stacked.
 * Opset 8 has a batch axis in front of all, and the sequences' lengths as its first input.
 * https://onnx.ai/onnx/operators/onnx__Scan.html
 */
export const scan = defineOp({
  type: "Scan",
  since: [8, 9, 11, 16, 19, 21, 23, 24, 25],
  inputs: ["first?", "initial_state_and_scan_inputs*"],
  outputs: ["final_state_and_scan_outputs*"],
  attributes: {
    body: required(graph()),
    numScanInputs: required(int()),
    directions: ints(),
    scanInputDirections: ints(),
    scanOutputDirections: ints(),
    scanInputAxes: ints(),
    scanOutputAxes: ints(),
  },
  subgraphInputs: (inputCount, opset) => (opset < 9 ? inputCount - 1 : inputCount),

  infer(context) {
    return context.opset < 9 ? inferBatched(context) : inferScan(context);
  },

  *evaluate(context) {
    if (context.opset < 9) return yield* evaluateBatched(context);
    return yield* runScan(context, context.values as readonly RuntimeValue[], planOf(context.attributes));
  },
});

/** Axes and directions, however the version names them. */
interface ScanPlan {
  readonly inputAxes: readonly number[];
  readonly inputDirections: readonly number[];
  readonly outputAxes: readonly number[];
  readonly outputDirections: readonly number[];
}

const planOf = (attributes: ScanAttributes): ScanPlan => ({
  inputAxes: attributes.scanInputAxes ?? [],
  inputDirections: attributes.scanInputDirections ?? attributes.directions ?? [],
  outputAxes: attributes.scanOutputAxes ?? [],
  outputDirections: attributes.scanOutputDirections ?? [],
});

/** How many of the inputs are state. */
function stateCount(context: Failing & { readonly attributes: ScanAttributes }, inputs: number): number {
  const scans = context.attributes.numScanInputs as number;
  if (scans < 1 || scans > inputs)
    context.fail(`num_scan_inputs is ${scans}, the node has ${inputs} such inputs`);
  return inputs - scans;
}

function inferScan(context: InferContext<ScanAttributes>): readonly Fact[] {
  const facts = context.inputs.map((_, i) => context.fact(i));
  const states = stateCount(context, facts.length);
  const { inputAxes, outputAxes } = planOf(context.attributes);
  let length: Dim = "?";
  const slices = facts.slice(states).map((fact, i) => {
    if (fact.dims === undefined) return factOf(fact.dtype, undefined);
    const axis = axisOf(context, inputAxes[i] ?? 0, fact.dims.length);
    if (typeof length !== "number") length = fact.dims[axis] as Dim;
    return factOf(
      fact.dtype,
      fact.dims.filter((_, at) => at !== axis),
    );
  });
  const { state, outputs } = settleScan(context, facts.slice(0, states), slices);
  const stacked = outputs.slice(states).map((fact, i) => {
    if (fact?.dims === undefined) return fact as Fact;
    const axis = axisOf(context, outputAxes[i] ?? 0, fact.dims.length + 1);
    return factOf(fact.dtype, [...fact.dims.slice(0, axis), length, ...fact.dims.slice(axis)]);
  });
  return [...state, ...stacked];
}

const settleScan = (
  context: InferContext<ScanAttributes>,
  initial: readonly Fact[],
  slices: readonly Fact[],
) =>
  settle(
    context,
    context.attributes.body as Graph,
    initial,
    (state) => [...state, ...slices],
    (outputs) => outputs.slice(0, initial.length),
  );

function inferBatched(context: InferContext<ScanAttributes>): readonly Fact[] {
  const facts = context.inputs.slice(1).map((_, i) => context.fact(i + 1));
  const states = stateCount(context, facts.length);
  const batch = facts.find((fact) => fact.dims !== undefined)?.dims?.[0] ?? "?";
  const length = facts.slice(states).find((fact) => fact.dims !== undefined)?.dims?.[1] ?? "?";
  const without = (fact: Fact, axes: number) => factOf(fact.dtype, fact.dims?.slice(axes));
  const { state, outputs } = settleScan(
    context,
    facts.slice(0, states).map((fact) => without(fact, 1)),
    facts.slice(states).map((fact) => without(fact, 2)),
  );
  return [
    ...state.map((fact) => factOf(fact.dtype, fact.dims && [batch, ...fact.dims])),
    ...outputs
      .slice(states)
      .map((fact) => fact && factOf(fact.dtype, fact.dims && [batch, length, ...fact.dims])),
  ] as Fact[];
}

function* runScan(
  context: EvaluateContext<ScanAttributes>,
  values: readonly RuntimeValue[],
  plan: ScanPlan,
): Work<RuntimeValue[]> {
  const body = context.attributes.body as Graph;
  const states = stateCount(context, values.length);
  const scanned = values.slice(states).map((value, i) => {
    const tensor = entryTensor(context, value);
    const axis = axisOf(context, plan.inputAxes[i] ?? 0, tensor.dims.length);
    return { tensor, axis, length: tensor.dims[axis] as number, reverse: plan.inputDirections[i] === 1 };
  });
  const length = scanned[0]?.length ?? 0;
  if (scanned.some((scan) => scan.length !== length)) {
    context.fail(`scan inputs must be of one length, got ${scanned.map((scan) => scan.length).join(", ")}`);
  }
  let state = values.slice(0, states);
  const results: TensorData[][] = body.outputs.slice(states).map(() => []);
  let heldByResults = 0;
  for (let step = 0; step < length; step++) {
    const slices = scanned.map(({ tensor, axis, reverse }) =>
      sliceAt(tensor, axis, reverse ? length - 1 - step : step),
    );
    const outputs = yield* context.runSubgraph(body, [...state, ...slices]);
    state = outputs.slice(0, states);
    results.forEach((list, k) => {
      const entry = entryTensor(context, outputs[states + k]);
      list.push(entry);
      heldByResults += heldBytes(entry);
    });
    context.assertFits(heldByResults);
  }
  const stacked = results.map((list, k) => {
    const [first] = list;
    if (first === undefined) {
      // Nothing has told the shape: what the file declares of the body's output.
      const fact = body.facts.get(body.outputs[states + k] as string);
      return zeros(fact?.dtype ?? "float32", [
        0,
        ...(fact?.dims ?? []).map((size) => (typeof size === "number" ? size : 0)),
      ]);
    }
    if (plan.outputDirections[k] === 1) list.reverse();
    return stack(context, list, axisOf(context, plan.outputAxes[k] ?? 0, first.dims.length + 1));
  });
  return [...state, ...stacked];
}

function sliceAt(tensor: TensorData, axis: number, index: number): TensorData {
  const strides = rowMajorStrides(tensor.dims);
  const rest = <T>(list: readonly T[]) => list.filter((_, at) => at !== axis);
  return readStrided(tensor, rest(tensor.dims), index * (strides[axis] as number), rest(strides));
}

/** Opset 8: each batch entry by itself, over its own length; what lies behind that length is 0. */
function* evaluateBatched(context: EvaluateContext<ScanAttributes>): Work<RuntimeValue[]> {
  const values = context.values.slice(1).map((value) => entryTensor(context, value));
  const states = stateCount(context, values.length);
  const [batch, longest] = (values[states] as TensorData).dims as [number, number];
  const given = context.optional(0);
  const lengths = given === undefined ? new Array<number>(batch).fill(longest) : toNumberArray(given);
  const plan = planOf(context.attributes);
  const entries: TensorData[][] = [];
  for (const [b, length] of lengths.entries()) {
    const entry = values.map((value, i) => {
      const own = sliceAt(value, 0, b);
      if (i < states) return own;
      const strides = rowMajorStrides(own.dims);
      return readStrided(own, [length, ...own.dims.slice(1)], 0, strides);
    });
    const outputs = (yield* runScan(context, entry, plan)).map((value) => entryTensor(context, value));
    entries.push(outputs.map((output, i) => (i < states ? output : padded(output, longest))));
  }
  return Array.from({ length: context.outputCount }, (_, k) =>
    stack(
      context,
      entries.map((entry) => entry[k] as TensorData),
      0,
    ),
  );
}

function padded(tensor: TensorData, length: number): TensorData {
  const dims = [length, ...tensor.dims.slice(1)];
  const data = createData(tensor.dtype, elementCount(dims));
  copyRun(tensor.data, 0, data, 0, tensor.data.length);
  return like(tensor, dims, data);
}
