import { type DType, dtypeInfo, viewData } from "../../src/dtype.ts";
import { finish, type Work } from "../../src/interruptible.ts";
import type { ConstantBuffer, Plan, PlannedValue, Step } from "../../src/plan/plan.ts";
import type { Executor } from "../../src/runtime/executor.ts";
import { instantiateKernels, type Simd } from "../../src/runtime/kernels.ts";
import { readTensor, writeTensor } from "../../src/runtime/transfer.ts";
import { copyBytes, elementCount, type TensorData } from "../../src/tensor.ts";
import { isTensor, type RuntimeValue } from "../../src/value.ts";
import { buffersOf, type Ground, layOut, type Placing, type Span, without } from "./ground.ts";

/** A step that did what no step may: wrote outside its buffers. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** Bytes that show where they should not be read: as float32 NaN, and a large number. */
export const POISONS = [0xff, 0x4b] as const;

export interface Instrument {
  readonly placing: Placing;
  /** The byte that fills whatever holds nothing: guards, padding, buffers before their first step and after their last. */
  readonly poison: number;
  /** Parts that each kernel call is split into; the plan must be made for as many. */
  readonly parts: number;
  /** The order in which a step's parts run. */
  readonly order?: (step: number) => readonly number[];
  /** Faults to be found: what becomes of a plan and of its kernels. */
  readonly tamper?: Tampering | undefined;
  /** Where it runs; others may run there in between. */
  readonly memory: WebAssembly.Memory;
}

export interface Tampering {
  readonly plan?: (plan: Plan) => Plan;
  /** Takes a step's place; `call` does what it should. */
  readonly step?: (step: Step, call: (args?: readonly number[]) => void, view: StepView) => void;
}

/** What a fault may look at and spoil: the arguments of a kernel call with part and parts, memory, and the step's buffers. */
export interface StepView {
  readonly plan: Plan;
  readonly at: number;
  readonly args: readonly number[];
  readonly bytes: Uint8Array;
  readonly buffers: readonly (Span & { readonly kind: string })[];
}

const PAGE_BYTES = 65536;

/**
 * An executor that trusts nobody. Every buffer lies between guards; memory that holds nothing is filled with poison,
 * which changes nothing in the results where it is never read; after each step all bytes that are not the step's own must
 * be as they were. The parts of a step run one after another, in any order. Throws a Violation.
 */
export function createInstrumentedExecutor(simd: Simd, instrument: Instrument): Executor {
  const { placing, poison, parts, order, tamper, memory } = instrument;
  const instance = instantiateKernels(simd, memory);
  const states = new Map<string, TensorData>();

  const bytesAt = ({ start, end }: Span): Uint8Array => new Uint8Array(memory.buffer, start, end - start);
  const ownBytes = ({ start, bytes }: Ground): Span => ({ start, end: start + bytes });

  function* run(given: Plan, feeds: readonly RuntimeValue[]): Work<RuntimeValue[]> {
    yield;
    const plan = tamper?.plan?.(given) ?? given;
    const base = instance.heapBase;
    const { grounds, end } = layOut(plan, placing, base);
    const missing = Math.ceil(end / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
    if (missing > 0) memory.grow(missing);
    const ground = (buffer: number): Ground => grounds[buffer] as Ground;
    const spoil = (buffer: number): unknown => bytesAt(ownBytes(ground(buffer))).fill(poison);
    bytesAt({ start: base, end }).fill(poison);
    plan.buffers.forEach((buffer, i) => {
      const target = bytesAt(ownBytes(ground(i)));
      if (buffer.kind === "constant") buffer.fill(made(buffer), target);
      else if (buffer.kind === "table")
        target.set(plan.tables.subarray(buffer.offsetBytes, buffer.offsetBytes + target.length));
      else if (buffer.kind === "state") copyBytes(states.get(buffer.name) as TensorData, target);
    });
    const slots: RuntimeValue[] = [];
    plan.inputs.forEach((value, i) => {
      put(value, feeds[i] as RuntimeValue);
    });
    const whole = { start: base, end };
    const shadow = bytesAt(whole).slice();
    plan.steps.forEach((step, at) => {
      const touched = [...buffersOf(step)].filter((i) => mayChange(plan, i));
      for (const i of touched) if (isArena(plan, i) && ground(i).first === at) spoil(i);
      perform(step, at);
      const spans = touched.map((i) => ownBytes(ground(i)));
      for (const span of without(whole, spans)) {
        const now = bytesAt(span);
        const before = shadow.subarray(span.start - base, span.end - base);
        if (Buffer.compare(now, before) !== 0) fail(step, at, now, before, span.start);
      }
      for (const i of touched) if (isArena(plan, i) && ground(i).last === at) spoil(i);
      for (const span of spans) shadow.set(bytesAt(span), span.start - base);
    });
    plan.buffers.forEach((buffer, i) => {
      if (buffer.kind !== "state") return;
      const { dtype, dims } = states.get(buffer.name) as TensorData;
      states.set(buffer.name, asTensor(dtype, dims, bytesAt(ownBytes(ground(i))).slice()));
    });
    return plan.outputs.map(take);

    function perform(step: Step, at: number): void {
      const around = (args: readonly number[], call: (args: readonly number[]) => void): void => {
        if (tamper?.step === undefined) {
          call(args);
          return;
        }
        const buffers = [...buffersOf(step)].map((i) => ({
          ...ownBytes(ground(i)),
          kind: plan.buffers[i]?.kind ?? "",
        }));
        const view = { plan, at, args, bytes: new Uint8Array(memory.buffer), buffers };
        tamper.step(step, (changed = args) => call(changed), view);
      };
      if (step.kind === "host") {
        around([], () => runHost(step));
        return;
      }
      const kernel = instance.kernel(step.kernel);
      const args = step.args.map((arg) =>
        typeof arg === "number" ? arg : ground(arg.buffer).start + arg.offsetBytes,
      );
      for (const part of order?.(at) ?? Array.from({ length: parts }, (_, i) => i))
        around([...args, part, parts], (own) => void kernel(...own));
    }

    function runHost(step: Extract<Step, { kind: "host" }>): void {
      const inputs = step.inputs.map((value) => value && take(value));
      const captures = new Map(step.captures.map((value) => [value.name, take(value)]));
      const results = finish(step.evaluate(inputs, captures));
      step.outputs.forEach((value, i) => {
        if (value !== undefined) put(value, results[i] as RuntimeValue);
      });
    }

    function put(value: PlannedValue, data: RuntimeValue): void {
      const { place } = value;
      if (place.kind === "host") slots[place.slot] = data;
      else if (place.kind === "memory" && isTensor(data))
        writeTensor(memory, ground(place.buffer).start + place.offsetBytes, value, place, data);
    }

    function take(value: PlannedValue): RuntimeValue {
      const { place } = value;
      if (place.kind === "constant") return place.value;
      if (place.kind === "host") return slots[place.slot] as RuntimeValue;
      return readTensor(memory, ground(place.buffer).start + place.offsetBytes, value, place);
    }
  }

  return {
    simd,
    parts,
    run,
    setState: (name, value) => void states.set(name, value),
    state: (name) => states.get(name),
    release: () => undefined,
    place: () => undefined,
    forget: () => undefined,
    memoryUsage: () => ({ totalBytes: memory.buffer.byteLength, constantBytes: 0, arenaBytes: 0 }),
  };
}

const isArena = (plan: Plan, i: number): boolean => plan.buffers[i]?.kind === "arena";

/** Constants and tables are never written. */
const mayChange = (plan: Plan, i: number): boolean => isArena(plan, i) || plan.buffers[i]?.kind === "state";

function fail(step: Step, at: number, now: Uint8Array, before: Uint8Array, start: number): never {
  const first = now.findIndex((byte, i) => byte !== before[i]);
  const what = step.kind === "kernel" ? step.kernel : "a definition";
  throw new Violation(
    `step ${at}, ${what} of ${step.op} ${step.node}, wrote at ${start + first}, ${first} bytes behind ${start}, which is not its own`,
  );
}

function asTensor(dtype: DType, dims: readonly number[], bytes: Uint8Array): TensorData {
  const numeric = dtype as Exclude<DType, "string">;
  return { dtype: numeric, dims, data: viewData(numeric, bytes, elementCount(dims)) } as TensorData;
}

/** A constant's elements, made where they are made on demand. */
function made({ source }: ConstantBuffer): TensorData {
  if (source.writeTo === undefined) return source;
  const { bytes } = dtypeInfo[source.dtype];
  const place = new Uint8Array(elementCount(source.dims) * bytes);
  source.writeTo(place);
  return asTensor(source.dtype, source.dims, place);
}
