import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { batchNorm, dense, relu, sequential } from "../../src/nn/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import {
  adam,
  CheckpointError,
  compile,
  fromArrays,
  softmaxCrossEntropy,
  type Trainer,
} from "../../src/train/index.ts";
import { crc32 } from "../support/crc32.ts";

const tiny = (): Promise<Trainer> =>
  compile(
    sequential({ input: [3], name: "tiny", seed: 4 }, [
      dense({ units: 4, bias: false }),
      batchNorm(),
      relu(),
      dense({ units: 2 }),
    ]),
    { optimizer: adam({ learningRate: 0.01 }), loss: softmaxCrossEntropy(), simd: "plain" },
  );
const data = fromArrays({
  x: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  y: [0, 1, 1, 0, 1, 0, 0, 1],
  inputDims: [3],
  classes: 2,
});

/** Checkpoints of this training as the first release with training wrote them: at its start, after update 4 of 6, at its end. */
const written = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`checkpoints/version-1-${name}.checkpoint`, import.meta.url)));

describe("checkpoints written before", () => {
  test("are read, and training goes on from them", async () => {
    const trainer = await tiny();
    await trainer.fit(data, { epochs: 2, batchSize: 3, resume: written("mid-epoch") });
    expect(trainer.step).toBe(6);
    const [own, other] = [decodeCheckpoint(trainer.checkpoint()), decodeCheckpoint(written("end"))];
    expect([...own.states.keys()]).toEqual([...other.states.keys()]);
    for (const [name, { data: values }] of own.states) {
      const expected = other.states.get(name)?.data as Float32Array;
      Array.from(values as Float32Array).forEach((value, i) => {
        expect(value, name).toBeCloseTo(expected[i] as number, 5);
      });
    }
  });

  test("from before the first update lead back to the start", async () => {
    const trainer = await tiny();
    const start = trainer.checkpoint();
    await trainer.fit(data, { epochs: 1 });
    expect(trainer.restore(written("start"))).toEqual({ epoch: 0, batch: 0 });
    expect(trainer.checkpoint()).toEqual(start);
    await trainer.fit(data, { epochs: 1 });
    trainer.restore(start);
    expect(trainer.checkpoint()).toEqual(start);
  });
});

describe("a checkpoint that is not whole", () => {
  let trainer: Trainer;
  let saved: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    trainer = await tiny();
    await trainer.fit(data, { epochs: 1 });
    saved = trainer.checkpoint();
  });
  const refused = (bytes: Uint8Array, about: string): void => {
    let error: unknown;
    try {
      trainer.restore(bytes);
    } catch (thrown) {
      error = thrown;
    }
    expect(error, about).toBeInstanceOf(CheckpointError);
  };

  test("is refused whichever of its bytes is another, and changes nothing", () => {
    for (let at = 0; at < saved.length; at++) {
      for (const flip of at < 16 ? [1, 2, 4, 8, 16, 32, 64, 128, 255] : [1 << (at & 7)]) {
        const damaged = saved.slice();
        damaged[at] = (damaged[at] as number) ^ flip;
        refused(damaged, `byte ${at} ^ ${flip}`);
      }
    }
    expect(trainer.checkpoint()).toEqual(saved);
  });

  test("is refused wherever it ends, and with more behind it", () => {
    for (let length = 0; length < saved.length; length++)
      refused(saved.subarray(0, length), `${length} bytes`);
    refused(new Uint8Array([...saved, 0]), "a byte more");
    expect(trainer.checkpoint()).toEqual(saved);
  });

  test("is refused where its checksum is right and what it says is not", () => {
    const whole = decodeCheckpoint(saved);
    const [name, state] = [...whole.states][0] as [string, NonNullable<ReturnType<typeof whole.states.get>>];
    const without = new Map(whole.states);
    without.delete(name);
    const other = (more: object): Map<string, typeof state> =>
      new Map([...whole.states, [name, { ...state, ...more } as typeof state]]);
    const changes: object[] = [
      { step: -1 },
      { step: "1" },
      { epoch: 0.5 },
      { batch: 1e300 },
      { signature: 5 },
      { signature: "another" },
      { states: without },
      { states: new Map([...whole.states, ["more", state]]) },
      { states: new Map() },
      { states: other({ dims: [3, 4] }) },
      { states: other({ dims: [2] }) },
      { states: other({ dtype: "int32" }) },
      { states: other({ dims: [-1, -12] }) },
      { states: other({ dims: [2 ** 40] }), step: 1 },
    ];
    for (const change of changes) {
      let bytes: Uint8Array;
      try {
        bytes = encodeCheckpoint({ ...whole, ...change });
      } catch {
        continue; // what cannot be written at all
      }
      refused(bytes, JSON.stringify(change));
    }
    expect(trainer.checkpoint()).toEqual(saved);
  });

  test("is refused where its header is none", () => {
    const shell = encodeCheckpoint({ signature: "s", step: 0, epoch: 0, batch: 0, states: new Map() });
    const text = new TextDecoder().decode(shell.subarray(16)).replace(/\0+$/, "");
    const withHeader = (header: string): Uint8Array => {
      const body = new TextEncoder().encode(header);
      const bytes = new Uint8Array(16 + Math.ceil(body.length / 8) * 8);
      bytes.set(shell.subarray(0, 16));
      bytes.set(body, 16);
      const view = new DataView(bytes.buffer);
      view.setUint32(8, body.length, true);
      view.setUint32(12, crc32(bytes.subarray(16)), true);
      return bytes;
    };
    expect(withHeader(text)).toEqual(shell);
    for (const header of [
      "",
      "null",
      "5",
      "[]",
      "{}",
      '"text"',
      text.replace('"states":[]', '"states":{}'),
      text.replace("[]", "[null]"),
      text.replace("[]", '[{"name":"a","dtype":"string","dims":[1]}]'),
      text.replace("[]", '[{"name":"a","dtype":"__proto__","dims":[1]}]'),
      text.replace("[]", '[{"name":"a","dtype":"float32","dims":null}]'),
      text.replace("[]", '[{"name":"a","dtype":"float32","dims":[1e9]}]'),
      text.replace("[]", '[{"name":"a","dtype":"float32","dims":[null]}]'),
    ])
      refused(withHeader(header), header);
  });
});
