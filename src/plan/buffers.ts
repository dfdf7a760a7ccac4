import { alignUp, OVERREAD_BYTES } from "../alignment.ts";
import type { TensorData } from "../tensor.ts";
import { assignArena } from "./arena.ts";
import type { Buffer, ConstantBuffer } from "./plan.ts";
import type { StoragePlan } from "./storage.ts";

/** Numbers the buffers of a plan while its nodes are lowered. */
export interface BufferTable {
  root(name: string): number;
  scratch(bytes: number, at: number): number;
  table(data: Int32Array | Float32Array): number;
  constant(source: TensorData, key: string, bytes: number, fill: ConstantBuffer["fill"]): number;
  /** Gives the arena its offsets; no buffer is added afterwards. */
  finish(): { buffers: Buffer[]; arenaBytes: number; tables: Uint8Array };
}

interface ArenaEntry {
  readonly buffer: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** `reuse: false` lets no two arena buffers share bytes. Roots that are states lie outside the arena. */
export function bufferTable(
  storage: StoragePlan,
  reuse = true,
  states: ReadonlySet<string> = new Set(),
): BufferTable {
  const arena: ArenaEntry[] = [];
  const rootNumbers = new Map<string, number>();
  const constants = new Map<TensorData, Map<string, number>>();
  const others: { buffer: number; entry: Buffer }[] = [];
  const tables: { bytes: Uint8Array; offset: number }[] = [];
  const tableNumbers = new Map<string, number>();
  let tableBytes = 0;
  let count = 0;

  const place = (bytes: number, first: number, last: number): number => {
    const buffer = count++;
    const span = reuse ? { first, last } : { first: -Infinity, last: Infinity };
    arena.push({ buffer, bytes: bytes + OVERREAD_BYTES, ...span });
    return buffer;
  };

  for (const [name, { bytes, first, last }] of storage.roots) {
    if (states.has(name)) {
      const buffer = count++;
      others.push({ buffer, entry: { kind: "state", name, bytes } });
      rootNumbers.set(name, buffer);
    } else rootNumbers.set(name, place(bytes, first, last));
  }

  return {
    root: (name) => rootNumbers.get(name) as number,
    scratch: (bytes, at) => place(bytes, at, at),
    table(data) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const words = new Int32Array(data.buffer, data.byteOffset, data.length);
      const key = `${data.constructor.name}:${words.join()}`;
      const known = tableNumbers.get(key);
      if (known !== undefined) return known;
      const buffer = count++;
      tables.push({ bytes, offset: tableBytes });
      others.push({ buffer, entry: { kind: "table", offsetBytes: tableBytes } });
      tableNumbers.set(key, buffer);
      tableBytes += alignUp(bytes.length);
      return buffer;
    },
    constant(source, key, bytes, fill) {
      const own = constants.get(source) ?? new Map<string, number>();
      constants.set(source, own);
      const known = own.get(key);
      if (known !== undefined) return known;
      const buffer = count++;
      const entry: ConstantBuffer = { kind: "constant", source, key, bytes, fill };
      others.push({ buffer, entry });
      own.set(key, buffer);
      return buffer;
    },
    finish() {
      const { offsets, bytes } = assignArena(arena);
      const buffers = new Array<Buffer>(count);
      arena.forEach((entry, i) => {
        buffers[entry.buffer] = { kind: "arena", bytes: entry.bytes, offsetBytes: offsets[i] as number };
      });
      for (const { buffer, entry } of others) buffers[buffer] = entry;
      const block = new Uint8Array(tableBytes);
      for (const table of tables) block.set(table.bytes, table.offset);
      return { buffers, arenaBytes: bytes, tables: block };
    },
  };
}
