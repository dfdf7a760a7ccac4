import { ShapeError } from "../errors.ts";
import type { AttributeValue, Node } from "../graph/graph.ts";
import { defaultAttributes } from "../ops/attributes.ts";
import { COMPOSED_OPSET } from "../ops/composing.ts";
import type { Op } from "../ops/define.ts";
import { findOp } from "../ops/table.ts";

/** The nodes that an operator made of others stands for; any other node as it is. */
export function composeNode(op: Op, node: Node): Node[] {
  if (op.compose === undefined) return [node];
  const nodes: Node[] = [];
  const base = node.outputs.find((name) => name !== "") ?? node.name;
  const append = (
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
    count: number,
  ): string[] => {
    const domain = findOp("", type) === undefined ? "lanewise" : "";
    const name = `${base}/${type}#${nodes.length}`;
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}/${i}`));
    const schema = findOp(domain, type)?.attributes ?? {};
    const complete = { ...defaultAttributes(schema), ...attributes };
    const place = { name: nodes.length === 0 ? node.name : name, op: type, domain, opset: COMPOSED_OPSET };
    nodes.push({ ...place, attributes: complete, inputs: withoutAbsentTail(inputs), outputs });
    return outputs;
  };
  const results = op.compose({
    attributes: node.attributes as never,
    inputs: [...node.inputs, ...op.inputs.slice(node.inputs.length).map(() => "")],
    emit: (type, inputs, attributes = {}) => append(type, inputs, attributes, 1)[0] as string,
    emitMany: (type, inputs, outputs) => append(type, inputs, {}, outputs),
    constant: (value) => append("Constant", [], { value }, 1)[0] as string,
    fail: (message) => {
      throw new ShapeError(node, message);
    },
  });
  node.outputs.forEach((name, i) => {
    if (name !== "" && !results[i]) throw new ShapeError(node, `has no output ${i} (${name}) here`);
  });
  const names = new Map(results.map((result, i) => [result, node.outputs[i] || result]));
  const rename = (name: string): string => names.get(name) ?? name;
  return nodes.map((inner) => ({
    ...inner,
    inputs: inner.inputs.map(rename),
    outputs: inner.outputs.map(rename),
  }));
}

function withoutAbsentTail(names: readonly string[]): readonly string[] {
  let count = names.length;
  while (count > 0 && names[count - 1] === "") count--;
  return names.slice(0, count);
}
