import { arrayOf, functionOf, numberIn, objectOf, oneOf, stringOf } from "../arguments.ts";
import { isFloat } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import { checkFeeds, type Feeds } from "../feeds.ts";
import { concreteDims, type Fact, type Graph, isConcrete } from "../graph/graph.ts";
import { eventLoopTurn, finish, finishInTurns, type Limits, type Work, watchOf } from "../interruptible.ts";
import { graphBuilder } from "../nn/build.ts";
import type { Network } from "../nn/network.ts";
import { fromNumbers } from "../ops/shared/elements.ts";
import { bindInputs, propagateFacts } from "../passes/propagate-facts.ts";
import { resultOf } from "../results.ts";
import { createRunner, type Program, type Runner } from "../runner.ts";
import { chooseThreads } from "../runtime/choose-threads.ts";
import { createExecutor } from "../runtime/executor.ts";
import { chooseSimd } from "../runtime/kernels.ts";
import { checkOptions, type SessionOptions } from "../session-options.ts";
import { elementCount, type Tensor } from "../tensor.ts";
import { isTensor, type RuntimeValue } from "../value.ts";
import { networkOf } from "./check-network.ts";
import { gradientOutputs } from "./differentiate.ts";
import type { GradientRules } from "./gradients/define.ts";
import { VISUALISING } from "./visualising.ts";

/** What is asked, and on what it runs. */
export interface GradientOptions
  extends Pick<
    SessionOptions,
    "simd" | "threads" | "threading" | "winograd" | "graphOptimizationLevel" | "maxMemoryBytes"
  > {
  /** The value whose gradient is taken: any float value of the network, by its name. */
  readonly of: string;
  /** The values by which it is taken: inputs, weights, anything between. */
  readonly withRespectTo: string | readonly string[];
  /** Further values of the network that `run` gives, by their names. */
  readonly values?: readonly string[];
  /**
   * Rules in place of the derivative's, by operator, or by a name: "guidedBackprop" (Springenberg et al. 2014,
   * https://arxiv.org/abs/1412.6806) and "deconvnet" (Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901) lead what is
   * positive through rectifiers, the first where their inputs were positive, too.
   */
  readonly rules?: keyof typeof VISUALISING | GradientRules;
}

/** What `run` takes besides the feeds. */
export interface GradientRunOptions extends Limits {
  /** Weights of the elements of `of`, in its dims: the gradient is that of their weighted sum. Default: ones. */
  readonly outputGradient?: Tensor;
  /** In place of `outputGradient`: the gradient of one element of `of`, by its place in it, row after row. */
  readonly element?: number;
}

/** What `run` gives. */
export interface Gradients {
  /** By value, in its dims; zeros where `of` does not depend on it. */
  readonly gradients: Readonly<Record<string, Tensor>>;
  /** What the forward pass gave for `of` and for the `values` asked for. */
  readonly values: Readonly<Record<string, Tensor>>;
}

/**
 * Readies the gradient of any value of a network by any others, at any dims that the network takes. Batch normalisation and
 * dropout are at rest, as in inference. Compiled once for each set of input dims that comes.
 *
 * ```ts
 * const network = networkFromModel(bytes);
 * const saliency = await gradient(network, { of: "scores", withRespectTo: "image" });
 * const { gradients, values } = await saliency.run({ image }, { element: 281 });
 * ```
 *
 * Throws a UsageError for values that the network does not have. What has no gradient rule on the way is an
 * UnsupportedOperatorError of `run`, which lists every such node.
 */
export async function gradient(network: Network, options: GradientOptions): Promise<GradientSession> {
  const { graph } = networkOf("gradient", network);
  const question = questionOf(graph, options);
  const simd = chooseSimd(options.simd);
  const threads = await chooseThreads(options.threads ?? 1, options.threading);
  const executor = createExecutor(simd, threads, options.maxMemoryBytes);
  const { graphOptimizationLevel: level = "all", winograd, maxMemoryBytes } = options;
  const settings = { level, parts: executor.parts, winograd: winograd !== "off", maxMemoryBytes };
  return new GradientSession(createRunner(executor, settings), graph, question);
}

/** What the options ask of a graph; a UsageError for values that it does not have, and for what are no options. */
export function questionOf(graph: Graph, options: GradientOptions): Question {
  const { of, withRespectTo, values = [], rules = {} } = objectOf("gradient: the options", options);
  const by = typeof withRespectTo === "string" ? [withRespectTo] : withRespectTo;
  const names = new Set([
    ...graph.inputs,
    ...graph.facts.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const known = (what: string, name: string): string => {
    if (stringOf(`gradient: ${what}`, name) === "" || !names.has(name))
      throw new UsageError(
        `gradient: ${graph.name} has no value ${JSON.stringify(name)}; it takes ${graph.inputs.join(", ")}, gives ${graph.outputs.join(", ")}`,
      );
    return name;
  };
  known("of", of);
  for (const name of arrayOf("gradient: withRespectTo", by)) known("withRespectTo", name);
  for (const name of arrayOf("gradient: values", values)) known("values", name);
  const swapped =
    typeof rules === "string"
      ? VISUALISING[oneOf("gradient: rules", rules, Object.keys(VISUALISING) as (keyof typeof VISUALISING)[])]
      : objectOf("gradient: the rules", rules);
  for (const [op, rule] of Object.entries(swapped)) functionOf(`gradient: the rule of ${op}`, rule);
  checkOptions(options);
  return { of, by: [...new Set(by)], values: [...new Set([of, ...values])], rules: swapped };
}

interface Question {
  readonly of: string;
  readonly by: readonly string[];
  readonly values: readonly string[];
  readonly rules: GradientRules;
}

/** A graph that computes the answer for inputs of known dims, and the names under which it is fed and read. */
interface Answering {
  readonly program: Program;
  readonly outputGradient: { readonly name: string; readonly fact: Fact };
  readonly outputs: readonly string[];
}

/** What `gradient` makes. */
export class GradientSession {
  readonly #graph: Graph;
  readonly #question: Question;
  readonly #answering = new Map<string, Answering>();
  #runner: Runner | undefined;

  /** @internal */
  constructor(runner: Runner, graph: Graph, question: Question) {
    this.#runner = runner;
    this.#graph = graph;
    this.#question = question;
  }

  /**
   * The gradients at these inputs. A run that is started while another is under way waits for it. Throws a FeedError for
   * inputs that do not suit the network, and a UsageError where a value's dims follow from data.
   */
  async run(feeds: Feeds, options: GradientRunOptions = {}): Promise<Gradients> {
    const watch = watchOf(objectOf("run: the options", options));
    while (this.#runner?.isFree === false) {
      await eventLoopTurn();
      watch?.check();
    }
    const work = this.#alive().alone(this.#running(feeds, options));
    return watch === undefined ? finish(work) : finishInTurns(work, watch);
  }

  *#running(feeds: Feeds, options: GradientRunOptions): Work<Gradients> {
    const runner = this.#alive();
    const { by, values } = this.#question;
    const fed = checkFeeds(this.#graph, feeds);
    const { program, outputGradient, outputs } = this.#answeringFor(fed);
    const { name, fact } = outputGradient;
    const seed = seedOf(name, fact, options);
    const results = yield* runner.running(program, new Map([...fed, [name, seed]]), outputs);
    const named = (names: readonly string[], from: number) =>
      Object.fromEntries(names.map((key, i) => [key, resultOf(key, results[from + i])]));
    return { values: named(values, 0), gradients: named(by, values.length) };
  }

  #answeringFor(fed: ReadonlyMap<string, RuntimeValue>): Answering {
    const dims = new Map([...fed].map(([name, value]) => [name, isTensor(value) ? value.dims : undefined]));
    const key = [...dims.values()].join(";");
    let answering = this.#answering.get(key);
    if (answering === undefined) {
      answering = answeringOf(bindInputs(this.#graph, dims), this.#question, key);
      this.#answering.set(key, answering);
      const [oldest] = this.#answering.keys();
      if (this.#answering.size > MAX_KEPT) this.#answering.delete(oldest as string);
    }
    return answering;
  }

  /** Lets go of its memory; using it afterwards throws a UsageError. */
  async release(): Promise<void> {
    this[Symbol.dispose]();
  }

  /** `release`, for `using`. */
  [Symbol.dispose](): void {
    this.#runner?.release();
    this.#runner = undefined;
    this.#answering.clear();
  }

  #alive(): Runner {
    if (this.#runner === undefined) throw new UsageError("the gradient's session has been released");
    return this.#runner;
  }
}

/** Graphs kept, each for the dims that it was made for; the runner keeps as many plans. */
const MAX_KEPT = 32;

function answeringOf(graph: Graph, { of, by, values, rules }: Question, key: string): Answering {
  const builder = graphBuilder({ name: `${graph.name} gradient`, from: propagateFacts(graph) });
  for (const value of [of, ...by]) {
    const fact = builder.fact(value);
    if (!isConcrete(fact))
      throw new UsageError(`gradient: the dims of ${JSON.stringify(value)} follow from data`);
    if (!isFloat(fact.dtype) || fact.container !== undefined)
      throw new UsageError(`gradient: ${JSON.stringify(value)} must be a float tensor, got ${fact.dtype}`);
  }
  const fact = builder.fact(of) as Fact;
  const name = builder.input(builder.freshName("output gradient"), fact.dtype, concreteDims(fact));
  const gradients = gradientOutputs(builder, of, by, { outputGradient: name, rules });
  const outputs = [...values, ...gradients];
  for (const output of outputs) builder.output(output);
  const finished = builder.finish();
  return { program: { key, graph: () => finished }, outputGradient: { name, fact }, outputs };
}

/** What the backward pass begins with. */
function seedOf(name: string, fact: Fact, { outputGradient, element }: GradientRunOptions): RuntimeValue {
  if (outputGradient !== undefined) {
    if (element !== undefined) throw new UsageError("run: either outputGradient or element");
    const own = { name, inputs: [name], outputs: [], nodes: [], facts: new Map([[name, fact]]) };
    return checkFeeds(own, { [name]: outputGradient }).get(name) as RuntimeValue;
  }
  const dims = concreteDims(fact);
  const seed = new Float64Array(elementCount(dims));
  if (element === undefined) seed.fill(1);
  else seed[numberIn("run: element", element, { from: 0, to: seed.length - 1, whole: true })] = 1;
  return fromNumbers(fact.dtype, dims, seed);
}
