import { OVERREAD_BYTES } from "../alignment.ts";
import { type DType, dtypeInfo, viewData } from "../dtype.ts";
import { InternalError } from "../errors.ts";
import type { ConstantBuffer, Plan, StateBuffer } from "../plan/plan.ts";
import { copyBytes, elementCount, type TensorData } from "../tensor.ts";
import type { Heap } from "./memory.ts";

/**
 * What lies where in an executor's memory: the states, which stay where they are; tables of the plans and constants that
 * they share, until the last plan that uses them is forgotten; and the arena. It has to grow, and memory only grows at
 * its end: whatever else is placed goes below, and the arena steps aside for it.
 */
export interface Placement {
  /** The addresses of a plan's buffers. A list is good until another is given for its plan. */
  addresses(plan: Plan): readonly number[];
  /** Gives back what only this plan uses; the arena, too, where no other plan is left. */
  forget(plan: Plan): void;
  setState(name: string, value: TensorData): void;
  state(name: string): TensorData | undefined;
  usage(): { readonly constantBytes: number; readonly arenaBytes: number };
}

interface Block {
  readonly address: number;
  readonly bytes: number;
}

const NOWHERE: Block = { address: 0, bytes: 0 };

interface Constant extends Block {
  readonly buffer: ConstantBuffer;
  /** Plans that use it. */
  users: number;
}

interface State {
  readonly address: number;
  readonly dtype: Exclude<DType, "string">;
  readonly dims: readonly number[];
}

interface Placed {
  readonly tables: Block;
  readonly constants: readonly Constant[];
  /** Where the arena was when `addresses` were told. */
  arena: number;
  addresses: readonly number[];
}

export function createPlacement(heap: Heap): Placement {
  const constants = new Map<TensorData, Map<string, Constant>>();
  const states = new Map<string, State>();
  const placed = new WeakMap<Plan, Placed>();
  let arena = NOWHERE;
  let constantBytes = 0;
  /** Plans that have their place. */
  let plans = 0;

  const reserve = (bytes: number): Block => {
    const padded = bytes + OVERREAD_BYTES;
    return { address: heap.reserve(padded), bytes: padded };
  };
  const free = ({ address, bytes }: Block): void => heap.free(address, bytes);
  const view = (address: number, bytes: number): Uint8Array =>
    new Uint8Array(heap.memory.buffer, address, bytes);

  /** Places what belongs below an arena of so many bytes; where that fails, all is as it was. */
  const below = (arenaBytes: number, place: () => void, undo: () => void): void => {
    free(arena);
    try {
      place();
      arena = { address: heap.reserve(arenaBytes), bytes: arenaBytes };
    } catch (error) {
      undo();
      arena = { address: heap.reserve(arena.bytes), bytes: arena.bytes };
      throw error;
    }
  };

  /** Writes a constant; one that is made on demand is made where the arena will be, if that is large enough. */
  const fill = ({ address, buffer: { source, bytes, fill } }: Constant, arenaBytes: number): void => {
    const { writeTo, dims } = source;
    if (writeTo === undefined) {
      fill(source, view(address, bytes));
      return;
    }
    const dtype = source.dtype as Exclude<DType, "string">;
    const count = elementCount(dims);
    const sourceBytes = count * dtypeInfo[dtype].bytes;
    const inMemory = sourceBytes <= arenaBytes;
    const room = inMemory ? heap.reserve(sourceBytes) : 0;
    const made = inMemory ? view(room, sourceBytes) : new Uint8Array(sourceBytes);
    try {
      writeTo(made);
      fill({ dtype, dims, data: viewData(dtype, made, count) }, view(address, bytes));
    } finally {
      if (inMemory) heap.free(room, sourceBytes);
    }
  };

  const take = (buffer: ConstantBuffer, arenaBytes: number, taken: Constant[]): void => {
    const own = constants.get(buffer.source) ?? new Map<string, Constant>();
    constants.set(buffer.source, own);
    const known = own.get(buffer.key);
    const constant = known ?? { ...reserve(buffer.bytes), buffer, users: 0 };
    constant.users++;
    taken.push(constant);
    if (known !== undefined) return;
    own.set(buffer.key, constant);
    constantBytes += buffer.bytes;
    fill(constant, arenaBytes);
  };

  const drop = (constant: Constant): void => {
    const { source, key, bytes } = constant.buffer;
    if (--constant.users > 0) return;
    free(constant);
    constantBytes -= bytes;
    const own = constants.get(source);
    own?.delete(key);
    if (own?.size === 0) constants.delete(source);
  };

  const place = (plan: Plan): Placed => {
    const own = { tables: NOWHERE, constants: [] as Constant[], arena: -1, addresses: [] };
    const arenaBytes = Math.max(arena.bytes, plan.arenaBytes);
    below(
      arenaBytes,
      () => {
        own.tables = reserve(plan.tables.length);
        view(own.tables.address, plan.tables.length).set(plan.tables);
        for (const buffer of plan.buffers)
          if (buffer.kind === "constant") take(buffer, arenaBytes, own.constants);
      },
      () => release(own),
    );
    placed.set(plan, own);
    plans++;
    return own;
  };

  const release = (own: Placed): void => {
    free(own.tables);
    own.constants.forEach(drop);
  };

  const stateAddress = ({ name, bytes }: StateBuffer): number => {
    const state = states.get(name);
    if (state === undefined) throw new InternalError(`the state ${name} has no value`);
    if (stateBytes(state) !== bytes)
      throw new InternalError(`the state ${name} has ${stateBytes(state)} bytes, planned ${bytes}`);
    return state.address;
  };

  return {
    addresses(plan) {
      const own = placed.get(plan) ?? place(plan);
      if (own.arena !== arena.address) {
        const constant = own.constants.values();
        own.arena = arena.address;
        own.addresses = plan.buffers.map((buffer) => {
          if (buffer.kind === "constant") return (constant.next().value as Constant).address;
          if (buffer.kind === "state") return stateAddress(buffer);
          return (buffer.kind === "arena" ? arena : own.tables).address + buffer.offsetBytes;
        });
      }
      return own.addresses;
    },
    forget(plan) {
      const own = placed.get(plan);
      if (own === undefined) return;
      placed.delete(plan);
      release(own);
      if (--plans > 0) return;
      free(arena);
      arena = NOWHERE;
    },
    setState(name, value) {
      const dtype = value.dtype as Exclude<DType, "string">;
      const { dims } = value;
      const bytes = stateBytes({ dtype, dims });
      const known = states.get(name);
      if (known !== undefined && stateBytes(known) !== bytes)
        throw new InternalError(`the state ${name} has ${stateBytes(known)} bytes, got ${bytes}`);
      let block = NOWHERE;
      const put = (): void => {
        block = reserve(bytes);
      };
      if (known === undefined) below(arena.bytes, put, () => free(block));
      const { address } = known ?? block;
      copyBytes(value, view(address, bytes));
      states.set(name, { address, dtype, dims });
    },
    state(name) {
      const state = states.get(name);
      if (state === undefined) return undefined;
      const { address, dtype, dims } = state;
      const copy = view(address, stateBytes(state)).slice();
      return { dtype, dims, data: viewData(dtype, copy, elementCount(dims)) };
    },
    usage: () => ({ constantBytes, arenaBytes: arena.bytes }),
  };
}

const stateBytes = ({ dtype, dims }: Pick<State, "dtype" | "dims">): number =>
  elementCount(dims) * dtypeInfo[dtype].bytes;
