import fc from "fast-check";
import { type Op, onnxAttributeName } from "../../src/ops/define.ts";
import { EXTRA_OPS } from "../../src/ops/extra.ts";
import { OPS } from "../../src/ops/index.ts";
import { findOp } from "../../src/ops/table.ts";
import { TRAIN_OPS } from "../../src/ops/training.ts";
import type { TensorData } from "../../src/tensor.ts";
import type { Case } from "../differential/operators/case.ts";
import { FAMILIES } from "../differential/operators/families.ts";
import { FAMILIES as RANDOM } from "../differential/random-operators/families.ts";
import { type Draw, drawFrom, type Sample } from "../lowering/draw.ts";
import { SAMPLERS } from "../lowering/operators.ts";
import { FLOAT32 } from "../support/compare.ts";
import { type AttributeSpec, float, node } from "../support/onnx-model.ts";
import type { Random } from "../support/random.ts";
import { drawable } from "./draw-attributes.ts";
import { seeds } from "./seeds.ts";

/** Draws a valid case of an operator. */
export type CaseDraw = (random: Random) => Case;

/** Operators that files can name and that have attributes to draw (Gradient's name values): `[domain, type]`. */
export const OPERATORS: readonly (readonly [string, string])[] = [...OPS, ...EXTRA_OPS, ...TRAIN_OPS]
  .map((op: Op) => [op.domain ?? "", op.type] as const)
  .filter(
    ([domain, type]) => domain !== "lanewise" && type !== "Gradient" && drawable(domain, type).length > 0,
  );

const key = (domain: string, type: string): string => `${domain}:${type}`;

/** Where valid cases of each operator come from: everything that other tests draw, and the seeds. */
export function caseDraws(): ReadonlyMap<string, CaseDraw[]> {
  const draws = new Map<string, CaseDraw[]>();
  const add = (domain: string, type: string, draw: CaseDraw): void => {
    const own = draws.get(key(domain, type));
    if (own === undefined) draws.set(key(domain, type), [draw]);
    else own.push(draw);
  };
  const written = new Map<string, Case[]>();
  for (const given of [...Object.values(FAMILIES).flatMap((family) => family()), ...seeds()]) {
    for (const one of given.spec.nodes) {
      const name = key(one.domain ?? "", one.op);
      const own = written.get(name) ?? [];
      own.push(given);
      written.set(name, own);
    }
  }
  for (const [name, list] of written) {
    const [domain, type] = name.split(":") as [string, string];
    add(domain, type, (random) => random.pick(list));
  }
  for (const family of Object.values(RANDOM))
    for (const [type, draw] of Object.entries(family)) add("", type, draw);
  for (const [domain, type] of OPERATORS) {
    const trials = SAMPLERS.get(domain === "" ? type : `${domain}.${type}`);
    if (trials !== undefined)
      add(domain, type, (random) => caseOfSample(domain, type, trials.draw(drawing(random))));
  }
  return draws;
}

/** The draws of the lowering tests from a seeded source. */
const drawing = (random: Random): Draw =>
  drawFrom(((arbitrary: unknown, ...args: unknown[]) => {
    if (arbitrary === fc.boolean) return random.chance(0.5);
    if (arbitrary !== fc.integer) return random.pick(args);
    const { min, max } = args[0] as { readonly min: number; readonly max: number };
    return random.whole(min, max);
  }) as never);

function caseOfSample(domain: string, type: string, sample: Sample): Case {
  const schema = findOp(domain, type)?.attributes ?? {};
  const attributes: Record<string, AttributeSpec> = {};
  for (const [name, value] of Object.entries(sample.attributes ?? {})) {
    if (value === undefined) continue;
    const real = schema[name]?.kind.startsWith("float") ?? false;
    attributes[onnxAttributeName(name)] = (real ? float(value as number) : value) as AttributeSpec;
  }
  const names = sample.inputs.map((input, i) => (input === undefined ? "" : `x${i}`));
  const tensors = (constant: boolean): Record<string, TensorData> =>
    Object.fromEntries(
      sample.inputs.flatMap((input, i) =>
        input !== undefined && (sample.constants?.includes(i) ?? false) === constant
          ? [[`x${i}`, input]]
          : [],
      ),
    );
  const feeds = tensors(false);
  const outputs = Array.from({ length: sample.outputs ?? 1 }, (_, i) => `y${i}`);
  const opset = sample.opset ?? 22;
  return {
    name: `${type}-${opset}(${sample.inputs.map((x) => x && `${x.dtype}[${x.dims}]`)})`,
    spec: {
      inputs: Object.fromEntries(
        Object.entries(feeds).map(([name, { dtype, dims }]) => [name, { dtype, dims }]),
      ),
      initializers: tensors(true),
      nodes: [node(type, names, outputs, attributes, domain)],
      outputs,
      opset: domain === "" ? opset : { "": 17, [domain]: 1 },
    },
    feeds,
    tolerance: FLOAT32,
  };
}
