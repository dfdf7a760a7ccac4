import type { KernelStep, Step } from "../../src/plan/plan.ts";
import type { StepView, Tampering } from "./instrumented.ts";

type StepFault = NonNullable<Tampering["step"]>;
type Call = (args?: readonly number[]) => void;

const FLOAT_BYTES = 4;

const floats = ({ bytes }: StepView): Float32Array => new Float32Array(bytes.buffer);

/** The float32s that a call changed, as indices into memory. */
function changedBy(
  call: Call,
  view: StepView,
): { readonly before: Float32Array; readonly changed: number[] } {
  const now = new Uint32Array(view.bytes.buffer);
  const before = now.slice();
  call();
  const changed: number[] = [];
  for (let i = 0; i < now.length; i++) if (now[i] !== before[i]) changed.push(i);
  return { before: new Float32Array(before.buffer), changed };
}

const arenaBuffers = ({ buffers }: StepView) => buffers.filter(({ kind }) => kind === "arena");

/** Faults of kernels and of those who call them. */
export const STEP_FAULTS: Readonly<Record<string, StepFault>> = {
  "the last element stays unwritten"(_step, call, view) {
    const { before, changed } = changedBy(call, view);
    const last = changed.at(-1);
    if (last !== undefined) floats(view)[last] = before[last] as number;
  },
  "a store past the end"(_step, call, view) {
    call();
    for (const { end } of arenaBuffers(view).slice(-1)) view.bytes[end] = 1;
  },
  "a store before the start"(_step, call, view) {
    call();
    for (const { start } of arenaBuffers(view).slice(-1)) view.bytes[start - 1] = 1;
  },
  "a store far behind, into what another step holds"(_step, call, view) {
    call();
    for (const { end } of arenaBuffers(view).slice(-1)) floats(view)[Math.ceil(end / FLOAT_BYTES) + 300] = 1;
  },
  "a weight is written over"(_step, call, view) {
    call();
    for (const { kind, start } of view.buffers)
      if (kind === "constant") floats(view)[start / FLOAT_BYTES] = 7;
  },
  "sums start from what was there"(step, call, view) {
    const { before, changed } = changedBy(call, view);
    if (!isKernel(step, /conv|gemm/)) return;
    for (const i of changed) floats(view)[i] = (floats(view)[i] as number) + 0 * (before[i] as number);
  },
  "padding behind an input gets into a sum"(step, call, view) {
    const { changed } = changedBy(call, view);
    const [input] = arenaBuffers(view);
    const first = changed[0];
    if (first === undefined || input === undefined || !isKernel(step, /conv|gemm|pool|reduce/)) return;
    floats(view)[first] =
      (floats(view)[first] as number) + (floats(view)[Math.ceil(input.end / 4)] as number) * 1e-3;
  },
  "the last of several parts does nothing"(_step, call, { args }) {
    const [part, parts] = args.slice(-2) as [number, number];
    if (parts === 1 || part !== parts - 1) call();
  },
  "parts of a step share a cell"(_step, call, view) {
    const { changed } = changedBy(call, view);
    const [part, parts] = view.args.slice(-2) as [number, number];
    if (parts === 1 || changed.length === 0) return;
    const [output] = arenaBuffers(view).slice(-1);
    if (output !== undefined) floats(view)[output.start / FLOAT_BYTES] = part;
  },
  "a packing step is forgotten"(step, call, { plan, at }) {
    const next = plan.steps[at + 1];
    const packs =
      next !== undefined && next.node === step.node && step.kind === "kernel" && next.kind === "kernel";
    if (!packs) call();
  },
  "a definition answers with its last results": memoised(),
  "rounding the other way"(step, call, view) {
    const { changed } = changedBy(call, view);
    if (!isKernel(step, /f32_(conv|gemm|dwconv)/)) return;
    const [part] = view.args.slice(-2) as [number, number];
    const words = new Int32Array(view.bytes.buffer);
    // One ULP, in calls that are parts of several.
    if (view.args.at(-1) !== 1 && part === 0 && changed[0] !== undefined)
      words[changed[0]] = (words[changed[0]] as number) ^ 1;
  },
};

const isKernel = (step: Step, names: RegExp): step is KernelStep =>
  step.kind === "kernel" && names.test(step.kernel);

/** What a step wrote the first time is what it gives ever after. */
function memoised(): StepFault {
  const known = new Map<string, Uint8Array>();
  return (step, call, view) => {
    if (step.kind !== "host") return call();
    const key = `${step.op} ${step.node} ${step.outputs.map((value) => value?.dims).join(";")}`;
    call();
    const [output] = arenaBuffers(view).slice(-1);
    if (output === undefined) return;
    const own = view.bytes.subarray(output.start, output.end);
    const old = known.get(key);
    if (old === undefined || old.length !== own.length) known.set(key, own.slice());
    else own.set(old);
  };
}
