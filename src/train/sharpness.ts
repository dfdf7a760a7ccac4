import { numberIn, objectOf } from "../arguments.ts";
import type { Node } from "../graph/graph.ts";
import { type GraphBuilder, graphBuilder } from "../nn/build.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import { differentiate } from "./differentiate.ts";
import type { Loss } from "./losses.ts";
import type { Optimizer } from "./optimizers.ts";
import { scalarConstant } from "./scalar-constant.ts";

/**
 * Sharpness-aware minimisation (Foret et al. 2020, arXiv:2010.01412): the gradients at w + ρ·g/‖g‖, where g is the gradient at
 * the weights w, update w by another optimiser. An update takes two forward and two backward passes.
 *
 * @param options.optimizer - What updates the weights with these gradients.
 * @param options.rho - How far the weights are moved, as the norm over all of them; 0.05 by default.
 */
export function sam(options: { readonly optimizer: Optimizer; readonly rho?: number }): Optimizer {
  const { optimizer, rho = 0.05 } = objectOf("sam: the options", options);
  objectOf("sam: optimizer", optimizer, "an optimiser");
  numberIn("sam: rho", rho, { above: 0 });
  return { ...optimizer, name: `sam ${optimizer.name}`, perturbation: rho };
}

/** A loss in a graph that grows, and its gradients by the weights. */
export interface Slopes {
  readonly builder: GraphBuilder;
  readonly loss: string;
  readonly gradients: ReadonlyMap<string, string>;
}

/** The norm of all gradients together. */
export const gradientNorm = (
  builder: GraphBuilder,
  gradients: ReadonlyMap<string, string>,
  name: string,
): string =>
  builder.node("GradientNorm", [...gradients.values()], {}, { domain: "lanewise", outputs: [name] });

/** Keeps the division from one by zero where all gradients are 0, as the authors' code has it. */
const LEAST_NORM = 1e-12;

/**
 * The gradients where the loss is largest nearby, to first order: at w + ρ·g/‖g‖ for the gradients g at w, all weights
 * together (Foret et al. 2020, arXiv:2010.01412, equation 2). The network's nodes stand in the graph a second time and read
 * these weights; batch statistics and masks are those of the same batch, the running statistics follow the first pass. The
 * loss is the first one, and no number where the second is none.
 */
export function nearby(
  { builder, loss, gradients }: Slopes,
  given: {
    readonly perturbation: number;
    /** The network in training mode. */
    readonly nodes: readonly Node[];
    readonly output: string;
    readonly loss: Loss;
    readonly labels: string;
  },
): Slopes {
  if (gradients.size === 0) return { builder, loss, gradients };
  const norm = builder.node("Add", [
    gradientNorm(builder, gradients, "gradient norm at the weights"),
    scalarConstant(builder, "least norm", LEAST_NORM),
  ]);
  const reach = builder.node("Div", [scalarConstant(builder, "perturbation", given.perturbation), norm]);
  const moved = new Map<string, string>();
  for (const [weight, gradient] of gradients) {
    const step = builder.node("Mul", [gradient, reach]);
    moved.set(weight, builder.node("Add", [weight, step], {}, { outputs: [`${weight} nearby`] }));
  }
  for (const name of [loss, given.output, ...gradients.values(), ...moved.values()]) builder.output(name);
  const graph = builder.finish();
  const again = copied(given.nodes, moved);
  const second = graphBuilder({
    name: graph.name,
    from: propagateFacts({ ...graph, nodes: [...graph.nodes, ...again.nodes] }),
  });
  const output = again.names.get(given.output) as string;
  const secondLoss = given.loss.build(second, output, given.labels);
  const found = differentiate(second, secondLoss, new Set(moved.values()));
  const nothing = second.node("Mul", [secondLoss, scalarConstant(second, "nothing", 0)]);
  return {
    builder: second,
    loss: second.node("Add", [loss, nothing]),
    gradients: new Map(
      [...moved].flatMap(([weight, name]): [string, string][] => {
        const gradient = found.get(name);
        return gradient === undefined ? [] : [[weight, gradient]];
      }),
    ),
  };
}

/** What depends on some values, a second time for others in their places; `names` says what became of each value. */
function copied(nodes: readonly Node[], others: ReadonlyMap<string, string>) {
  const names = new Map(others);
  const copies = nodes.flatMap((node): Node[] => {
    if (!node.inputs.some((name) => names.has(name))) return [];
    const inputs = node.inputs.map((name) => names.get(name) ?? name);
    const outputs = node.outputs.map((name) => (name === "" ? "" : `${name} nearby`));
    node.outputs.forEach((name, i) => {
      if (name !== "") names.set(name, outputs[i] as string);
    });
    return [{ ...node, name: `${node.name} nearby`, inputs, outputs }];
  });
  return { nodes: copies, names };
}
