import { functionOf, objectOf, shown } from "../arguments.ts";
import type { DType } from "../dtype.ts";
import { type UnsupportedNode, UnsupportedOperatorError, UsageError } from "../errors.ts";
import { concreteDims, type Fact, isConcrete, type Node } from "../graph/graph.ts";
import type { GraphBuilder } from "../nn/build.ts";
import { fromNumbers } from "../ops/shared/elements.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import type { GradientContext, GradientRule, GradientRules } from "./gradients/define.ts";
import { GRADIENTS } from "./gradients/index.ts";

/** What is not as usual: where the gradients begin, and by which rules they go back. */
export interface DifferentiateOptions {
  /** The value, of the loss's dims, that the gradients begin with: the weights of its elements. Default: ones. */
  readonly outputGradient?: string;
  /** Rules that stand in for the operators' own. */
  readonly rules?: GradientRules;
}

/**
 * Adds the nodes that compute the gradients of a loss by some values to a graph whose dims are all numbers (reverse
 * accumulation; Griewank and Walther, Evaluating Derivatives, 2008). Gives the name of each gradient, which has the dims
 * of its value; a value that the loss does not depend on has none. Of a loss of several elements it is their sum's.
 * `gradient` runs what this adds. Throws a UsageError for values that are not there or whose dims are open, an
 * UnsupportedOperatorError that lists the nodes on the way without a gradient rule.
 */
export function differentiate(
  builder: GraphBuilder,
  loss: string,
  by: ReadonlySet<string>,
  { outputGradient, rules = {} }: DifferentiateOptions = {},
): ReadonlyMap<string, string> {
  functionOf("differentiate: the builder's fact", objectOf("differentiate: the builder", builder).fact);
  functionOf("differentiate: the builder's nodes", builder.nodes);
  if (!(by instanceof Set)) throw new UsageError(`differentiate: by must be a Set, got ${shown(by)}`);
  for (const value of [loss, ...by])
    if (!isConcrete(builder.fact(value)))
      throw new UsageError(`differentiate: there is no value ${shown(value)} of known dims`);
  const nodes = [...builder.nodes()];
  const active = reached(nodes, by);
  const gradients = new Map<string, string[]>();
  const ones = (): string =>
    builder.constant(builder.freshName(`d ${loss}`), onesLike(builder.fact(loss) as Fact));
  gradients.set(loss, [outputGradient ?? ones()]);
  const unsupported: UnsupportedNode[] = [];
  const settled = new Map<string, string>();

  /** The sum of what has come together for a value. */
  const settle = (value: string): string | undefined => {
    const known = settled.get(value);
    if (known !== undefined) return known;
    const parts = gradients.get(value);
    if (parts === undefined) return undefined;
    const sum = parts.reduce((total, part) => builder.node("Add", [total, part]));
    settled.set(value, sum);
    return sum;
  };

  for (const node of nodes.reverse()) {
    if (!node.inputs.some((name) => active.has(name))) continue;
    const dys = node.outputs.map((name) => (name !== "" && active.has(name) ? settle(name) : undefined));
    if (dys.every((dy) => dy === undefined)) continue;
    const key = node.domain === "" ? node.op : `${node.domain}:${node.op}`;
    const rule = Object.hasOwn(rules, key) ? rules[key] : GRADIENTS.get(key);
    const found = rule ? applyRule(rule, contextOf(builder, node, dys, active)) : "it has no gradient rule";
    if (typeof found === "string") {
      const { name, op, domain, opset } = node;
      unsupported.push({ name, op, domain, opset, reason: found });
    }
    node.inputs.forEach((name, i) => {
      if (!active.has(name)) return;
      // Behind a node without a rule any value stands for the gradient, so that the rest is looked at too.
      const gradient = typeof found === "string" ? name : found[i];
      if (gradient !== undefined) gradients.set(name, [...(gradients.get(name) ?? []), gradient]);
    });
  }
  if (unsupported.length > 0) throw new UnsupportedOperatorError(unsupported);
  return new Map(
    [...by].flatMap((name): [string, string][] => {
      const gradient = settle(name);
      return gradient === undefined ? [] : [[name, gradient]];
    }),
  );
}

/** A rule that does not cover its node. */
class Declined extends Error {}

/** The gradients by a node's inputs, or why there are none. */
function applyRule(rule: GradientRule, context: GradientContext): readonly (string | undefined)[] | string {
  try {
    return rule(context);
  } catch (error) {
    if (error instanceof Declined) return error.message;
    throw error;
  }
}

/** The values that depend on some of the given ones, these included. */
function reached(nodes: readonly Node[], from: ReadonlySet<string>): Set<string> {
  const active = new Set(from);
  for (const node of nodes) {
    if (!node.inputs.some((name) => active.has(name))) continue;
    for (const name of node.outputs) if (name !== "") active.add(name);
  }
  return active;
}

function contextOf(
  builder: GraphBuilder,
  node: Node,
  dys: readonly (string | undefined)[],
  active: ReadonlySet<string>,
): GradientContext {
  const emitAll: GradientContext["emitAll"] = (op, inputs, attributes, count) => {
    const at = op.indexOf(":");
    const type = op.slice(at + 1);
    const outputs = Array.from({ length: count }, (_, i) => builder.freshName(`d ${node.name} ${type} ${i}`));
    builder.node(type, inputs, attributes, { domain: op.slice(0, Math.max(at, 0)), outputs });
    return outputs;
  };
  const tensor = (data: TensorData): string =>
    builder.constant(builder.freshName(`d ${node.name} constant`), data);
  return {
    node,
    attributes: node.attributes,
    x: (index = 0) => node.inputs[index] ?? "",
    y: (index = 0) => node.outputs[index] ?? "",
    dy: (index = 0) => dys[index],
    wants: (index) => active.has(node.inputs[index] ?? ""),
    dims: (value) => concreteDims(builder.fact(value) as Fact),
    dtype: (value) => (builder.fact(value) as Fact).dtype,
    constant: (value) => builder.fact(value)?.data,
    emitAll,
    emit: (op, inputs, attributes = {}) => emitAll(op, inputs, attributes, 1)[0] as string,
    tensor,
    ints: (values) =>
      tensor({ dtype: "int64", dims: [values.length], data: BigInt64Array.from(values, BigInt) }),
    decline(reason) {
      throw new Declined(reason);
    },
  };
}

function onesLike(fact: Fact): TensorData {
  const dims = concreteDims(fact);
  const count = dims.reduce((a, b) => a * b, 1);
  return fact.dtype === "float64"
    ? { dtype: "float64", dims, data: new Float64Array(count).fill(1) }
    : { dtype: "float32", dims, data: new Float32Array(count).fill(1) };
}

/**
 * `differentiate` for values that may be asked for twice, or not depend on anything: gives the gradients by `xs`, in their
 * order, each a value of its own that can be an output; zeros where y does not depend on one.
 */
export function gradientOutputs(
  builder: GraphBuilder,
  y: string,
  xs: readonly string[],
  options: DifferentiateOptions = {},
): readonly string[] {
  const gradients = differentiate(builder, y, new Set(xs), options);
  return xs.map((name) => {
    const fact = builder.fact(name) as Fact;
    const dims = concreteDims(fact);
    const found = gradients.get(name);
    const known = found === undefined ? zeros(fact.dtype, dims) : builder.fact(found)?.data;
    if (known === undefined) return builder.node("Identity", [found as string]);
    return builder.constant(builder.freshName(`gradient by ${name}`), known);
  });
}

const zeros = (dtype: DType, dims: readonly number[]): TensorData =>
  fromNumbers(dtype, dims, new Float64Array(elementCount(dims)));
