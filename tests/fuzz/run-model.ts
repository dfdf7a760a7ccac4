import { isFloat } from "../../src/dtype.ts";
import { finish, type Work, watchOf } from "../../src/interruptible.ts";
import { decodeModel } from "../../src/onnx/decode.ts";
import { importModel } from "../../src/onnx/import.ts";
import { toNumbers } from "../../src/ops/shared/elements.ts";
import { InferenceSession } from "../../src/session.ts";
import type { SessionOptions } from "../../src/session-options.ts";
import { elementCount, Tensor, type TensorData } from "../../src/tensor.ts";
import { isTensor, type RuntimeValue } from "../../src/value.ts";
import type { Random } from "../support/random.ts";
import { checkPlans, type Fault } from "./check-plans.ts";
import type { Base } from "./corpus.ts";
import { finding, instrumented, judge, RAN, SKIPPED, type Verdict } from "./verdict.ts";

/** What is attacked: sessions as users open them, or ones in which a fault was planted. */
export interface Subject {
  open(bytes: Uint8Array, options: SessionOptions): Promise<InferenceSession>;
  readonly fault?: Fault | undefined;
}

export const LANEWISE: Subject = { open: (bytes, options) => InferenceSession.create(bytes, options) };

/** What a session may take, and each run. */
export const LIMITS = { maxMemoryBytes: 2 ** 28, timeoutMs: 1500 };
/** Wasm memory and host values together, with room for rounding. */
const MOST_BYTES = 2 ** 29;
const MAX_FEED_ELEMENTS = 500_000;
/** Plans up to this size are also run on the instrumented executor. */
const MAX_ARENA_BYTES = 2 ** 21;
const MAX_STEPS = 120;

type Feeds = Record<string, Tensor>;

interface Opened {
  readonly session: InferenceSession;
  readonly results: Readonly<Record<string, Tensor>>;
}

/**
 * Opens and runs a model that may be broken in any way, optimised and not. It must end with results or with one of
 * lanewise's errors, within its limits; where both run they must agree.
 */
export async function runModel(base: Base, draw: Random, subject = LANEWISE): Promise<Verdict> {
  const externalData = Object.entries(base.external ?? {}).map(([path, data]) => ({ path, data }));
  const shared = { ...LIMITS, externalData, simd: draw.pick(["plain", "relaxed"] as const) };
  let feeds: Feeds | undefined;
  const attempt = async (level: "all" | "disabled"): Promise<Opened | Verdict> => {
    try {
      const session = await subject.open(base.bytes, { ...shared, graphOptimizationLevel: level });
      feeds ??= drawFeeds(session, base.feeds, draw);
      if (feeds === undefined) return SKIPPED;
      return { session, results: await session.run(feeds, { timeoutMs: LIMITS.timeoutMs }) };
    } catch (error) {
      return judge(error);
    }
  };
  const optimised = await attempt("all");
  if ("status" in optimised && optimised.status !== "refused") return optimised;
  const plain = await attempt("disabled");
  if ("status" in plain) return "status" in optimised || plain.status === "finding" ? plain : RAN;
  if ("status" in optimised) return optimised;
  for (const { session } of [optimised, plain]) {
    const { totalBytes } = session.memoryUsage();
    if (totalBytes > MOST_BYTES) return finding("memory", `${totalBytes} bytes`);
  }
  const verdict = isRandom(base.bytes)
    ? RAN
    : await compared(base, optimised, plain, feeds as Feeds, draw, subject);
  await optimised.session.release();
  await plain.session.release();
  return verdict;
}

/** Whether the levels agree, and now and then whether all ways of running it do. */
async function compared(
  base: Base,
  optimised: Opened,
  plain: Opened,
  feeds: Feeds,
  draw: Random,
  { fault }: Subject,
): Promise<Verdict> {
  const apart = isStepped(base.bytes) ? undefined : await disagreement(optimised, plain, feeds);
  if (apart !== undefined) return finding("levels disagree", apart);
  return draw.chance(0.25) ? checkBroken(base, feeds, draw, fault) : RAN;
}

/** Feeds as the model asks for them, the model's own where they fit; undefined where they would be too large. */
function drawFeeds(session: InferenceSession, own: Base["feeds"], draw: Random): Feeds | undefined {
  const feeds: Feeds = {};
  const symbols = new Map<string, number>();
  for (const [i, input] of session.inputMetadata.entries()) {
    if (!input.isTensor) return undefined;
    const known = own[input.name] ?? own[`#${i}`];
    const dims = input.shape.map((dim, axis) => {
      if (typeof dim === "number") return dim;
      const size = symbols.get(dim) ?? known?.dims[axis] ?? draw.whole(1, 5);
      if (dim !== "?") symbols.set(dim, size);
      return size;
    });
    if (elementCount(dims) > MAX_FEED_ELEMENTS) return undefined;
    const fits = known?.dtype === input.type && known.dims.join() === dims.join();
    const value = fits && !draw.chance(0.1) ? known : draw.tensor(input.type, dims);
    feeds[input.name] = new Tensor(value.dtype, value.data, value.dims);
  }
  return feeds;
}

const names =
  (ops: RegExp) =>
  (bytes: Uint8Array): boolean =>
    ops.test(new TextDecoder("latin1").decode(bytes));

/** In 8-bit arithmetic one rounding tie that falls the other way becomes a step of a scale. */
const isStepped = names(/Quantize|QLinear|Integer|Round|Cast|Floor|Ceil/);

/** Its results differ from run to run as they should. */
const isRandom = names(/Random|Bernoulli|Multinomial|Dropout/);

/** How much further apart results may lie than a nudge of the inputs moves them. */
const NUDGE = 1e-5;
const SLACK = 1e-3;

/** Where the two levels disagree by more than rounding could explain. */
async function disagreement(optimised: Opened, plain: Opened, feeds: Feeds): Promise<string | undefined> {
  let nudged: Readonly<Record<string, Tensor>> | undefined;
  for (const [name, want] of Object.entries(plain.results)) {
    const got = optimised.results[name];
    if (!isTensor(want as RuntimeValue)) continue;
    if (got?.type !== want.type || got.dims.join() !== want.dims.join())
      return `${name}: ${got?.type} [${got?.dims}] optimised, ${want.type} [${want.dims}] not`;
    if (!isFloat(want.type)) continue;
    const [a, b] = [toNumbers(got as TensorData), toNumbers(want as TensorData)];
    if (!a.every(Number.isFinite) || !b.every(Number.isFinite)) continue;
    const largest = greatest(b.length, (i) => Math.abs(b[i] as number)) + Number.EPSILON;
    const off = a.findIndex((value, i) => Math.abs(value - (b[i] as number)) > SLACK * largest);
    if (off < 0) continue;
    nudged ??= await plain.session.run(nudge(feeds)).catch(() => ({}));
    const moved = nudged[name];
    if (moved === undefined || moved.dims.join() !== want.dims.join()) continue;
    const c = toNumbers(moved as TensorData);
    const sway = greatest(c.length, (i) => Math.abs((c[i] as number) - (b[i] as number)));
    if (sway > SLACK * largest) continue;
    return `${name}: ${a[off]} optimised, ${b[off]} not, at ${off} of ${b.length}; the largest is ${largest}`;
  }
  return undefined;
}

function greatest(count: number, of: (i: number) => number): number {
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, of(i));
  return most;
}

const nudge = (feeds: Feeds): Feeds =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => [
      name,
      feed.type === "float32"
        ? new Tensor(
            "float32",
            (feed.data as Float32Array).map((x) => x * (1 + NUDGE) + NUDGE * 1e-2),
            feed.dims,
          )
        : feed,
    ]),
  );

/** The model once more, on the instrumented executor, within its time. */
function checkBroken(base: Base, feeds: Feeds, draw: Random, fault: Fault | undefined): Verdict {
  function* work(): Work<Verdict> {
    yield;
    const external = new Map(Object.entries(base.external ?? {}));
    const { graph } = importModel(decodeModel(base.bytes), external);
    const given = new Map<string, TensorData>(Object.entries(feeds));
    const seed = draw.whole(0, 2 ** 30);
    const limits = { arenaBytes: MAX_ARENA_BYTES, steps: MAX_STEPS, maxMemoryBytes: LIMITS.maxMemoryBytes };
    const wrong = checkPlans({ graph, feeds: [given], seed, definitions: false, fault, limits });
    return wrong === undefined ? RAN : instrumented(wrong);
  }
  try {
    return finish(work(), watchOf({ timeoutMs: LIMITS.timeoutMs }));
  } catch (error) {
    return judge(error);
  }
}
