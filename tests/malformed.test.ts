import { describe, expect, test } from "vitest";
import { InferenceSession, InternalError, LanewiseError, type Tensor } from "../src/index.ts";
import { random } from "./support/random.ts";
import { variedFeeds, variedModel } from "./support/varied-model.ts";

const intact = variedModel();
const feeds = variedFeeds();

/** What comes of a broken file, as a line that is only acceptable where it names an error of lanewise's or none. */
async function outcome(bytes: Uint8Array): Promise<string | undefined> {
  try {
    const session = await InferenceSession.create(bytes, { simd: "plain" });
    session.runSync(feeds);
    return undefined;
  } catch (error) {
    if (error instanceof LanewiseError && !(error instanceof InternalError)) return undefined;
    return (error as Error).stack;
  }
}

describe("a broken file gives an error of lanewise's or a result", () => {
  test("cut at any length", async () => {
    for (let length = 0; length < intact.length; length++) {
      const bytes = intact.subarray(0, length);
      expect(await outcome(bytes), `the first ${length} bytes`).toBeUndefined();
    }
  });

  test("with bytes and bits flipped at random", async () => {
    const draw = random(1);
    for (let round = 0; round < 3000; round++) {
      const bytes = intact.slice();
      const flips = Array.from({ length: draw.pick([1, 1, 2, 4]) }, () => {
        const at = draw.whole(0, bytes.length - 1);
        const value = draw.chance(0.5) ? (bytes[at] as number) ^ (1 << draw.whole(0, 7)) : draw.whole(0, 255);
        bytes[at] = value;
        return `${at}=${value}`;
      });
      expect(await outcome(bytes), `round ${round}: ${flips.join(", ")}`).toBeUndefined();
    }
  });

  test("with stretches taken out or doubled", async () => {
    const draw = random(2);
    for (let round = 0; round < 500; round++) {
      const from = draw.whole(0, intact.length - 1);
      const to = draw.whole(from, Math.min(intact.length, from + 40));
      const twice = draw.chance(0.5);
      const parts = [intact.subarray(0, twice ? to : from), intact.subarray(twice ? from : to)];
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
      expect(await outcome(bytes), `round ${round}: ${from} to ${to}, ${twice}`).toBeUndefined();
    }
  });

  test("and the next session works", async () => {
    await outcome(intact.subarray(0, 1000));
    const session = await InferenceSession.create(intact);
    const { q } = await session.run(feeds);
    const sum = Array.from((q as Tensor).data as Float32Array).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 5);
  });
});
