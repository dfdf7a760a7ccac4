import { compile, prepare } from "../../src/compile.ts";
import type { DType } from "../../src/dtype.ts";
import { execute } from "../../src/execute.ts";
import type { AttributeValue, Fact, FusedActivation, Graph, Node } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import type { RuntimeValue } from "../../src/ops/define.ts";
import { evaluateNode, interpret } from "../../src/ops/evaluate.ts";
import { inferNode } from "../../src/ops/infer.ts";
import { findOp } from "../../src/ops/table.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import { elementCount, type TensorData } from "../../src/tensor.ts";

export interface Setting {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly opset?: number;
  readonly outputs?: readonly string[];
  readonly activation?: FusedActivation;
}

type Input = TensorData | undefined;

const nodeOf = (type: string, inputs: readonly Input[], setting: Setting): Node => {
  const op = findOp("", type);
  if (op === undefined) throw new Error(`no op ${type}`);
  const attributes: Record<string, AttributeValue> = {};
  for (const [key, spec] of Object.entries(op.attributes)) {
    attributes[key] = setting.attributes?.[key] ?? (spec.default as AttributeValue);
  }
  return {
    name: "node",
    op: type,
    domain: "",
    opset: setting.opset ?? 22,
    attributes,
    inputs: inputs.map((input, i) => (input === undefined ? "" : `input${i}`)),
    outputs: setting.outputs ?? ["output0"],
    ...(setting.activation && { activation: setting.activation }),
  };
};

/** Outputs by the op's definition; throws where its inferred facts are not those of the outputs. */
export function evaluateOp(type: string, inputs: readonly Input[], setting: Setting = {}): TensorData[] {
  const node = nodeOf(type, inputs, setting);
  const facts = inferNode(node, (name) => {
    const tensor = inputs[Number(name.slice("input".length))] as TensorData;
    return { dtype: tensor.dtype, dims: tensor.dims, data: tensor };
  });
  const results = evaluateNode(node, inputs) as TensorData[];
  node.outputs.forEach((name, i) => {
    if (name === "") return;
    const [fact, result] = [facts[i], results[i]];
    if (fact?.dims?.join() !== result?.dims.join() || fact?.dtype !== result?.dtype) {
      throw new Error(
        `inferred ${fact?.dtype} [${fact?.dims}], evaluated ${result?.dtype} [${result?.dims}]`,
      );
    }
  });
  return results;
}

export interface LoweredRun {
  /** Names of the steps' kernels; "host" for one that runs by its definition. */
  readonly kernels: readonly string[];
  readonly actual: readonly TensorData[];
  readonly expected: readonly TensorData[];
}

const executor = createExecutor("plain");

/** Runs a node compiled and by its definition. Inputs whose index is in `constants` are known while planning. */
export function runLowered(
  type: string,
  inputs: readonly Input[],
  constants: readonly number[],
  setting: Setting = {},
): LoweredRun {
  const node = nodeOf(type, inputs, setting);
  const facts = new Map<string, Fact>();
  inputs.forEach((tensor, i) => {
    if (tensor === undefined) return;
    const fact = { dtype: tensor.dtype, dims: tensor.dims };
    facts.set(`input${i}`, constants.includes(i) ? { ...fact, data: tensor } : fact);
  });
  inferNode(node, (name) => facts.get(name)).forEach((fact, i) => {
    const name = node.outputs[i];
    if (name !== undefined && name !== "") facts.set(name, fact);
  });
  const feeds = new Map<string, RuntimeValue>();
  inputs.forEach((tensor, i) => {
    if (tensor !== undefined && !constants.includes(i)) feeds.set(`input${i}`, tensor);
  });
  const outputs = node.outputs.filter((name) => name !== "");
  const graph: Graph = { name: "graph", inputs: [...feeds.keys()], outputs, nodes: [node], facts };
  const options = { level: "all", verify: verifyGraph } as const;
  const dims = new Map([...feeds].map(([name, value]) => [name, (value as TensorData).dims]));
  const stage = compile(prepare(graph, options), dims, options);
  return {
    kernels: stage.plan.steps.map((step) => (step.kind === "kernel" ? step.kernel : "host")),
    actual: execute(executor, stage, feeds, outputs, options) as TensorData[],
    expected: interpret(graph, [...feeds.values()]) as TensorData[],
  };
}

/** A tensor of the numbers given. */
export function tensorOf(dtype: DType, dims: readonly number[], values: readonly number[]): TensorData {
  const wide = dtype === "int64" || dtype === "uint64";
  const from = {
    float32: Float32Array,
    float64: Float64Array,
    int8: Int8Array,
    uint8: Uint8Array,
    int32: Int32Array,
    uint32: Uint32Array,
    bool: Uint8Array,
    int64: BigInt64Array,
    uint64: BigUint64Array,
  }[dtype as "float32"] as unknown as { from(values: unknown[]): Float32Array };
  return {
    dtype,
    dims,
    data: from.from(values.map((value) => (wide ? BigInt(value) : value))),
  } as TensorData;
}

export const floats = (dims: readonly number[], values: readonly number[]): TensorData =>
  tensorOf("float32", dims, values);
export const longs = (dims: readonly number[], values: readonly number[]): TensorData =>
  tensorOf("int64", dims, values);
export const numbersOf = (tensor: TensorData | undefined): number[] =>
  Array.from(tensor?.data as Float32Array, Number);

/** Numbers between -1 and 1 that depend on the seed alone. */
export function randomFloats(dims: readonly number[], seed: number): TensorData {
  let state = (seed * 7919 + 13) % 2147483648;
  const values = Array.from({ length: elementCount(dims) }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 1073741824 - 1;
  });
  return floats(dims, values);
}
