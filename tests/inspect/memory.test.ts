import { describe, expect, test } from "vitest";
import { bitR50x1 } from "../../models/bit.ts";
import { lenet5 } from "../../models/lenet5.ts";
import { mlp } from "../../models/mlp.ts";
import type { ModelOptions } from "../../models/options.ts";
import { resnet20 } from "../../models/resnet20.ts";
import { UsageError } from "../../src/errors.ts";
import { networkMemory } from "../../src/inspect/index.ts";
import type { Network } from "../../src/nn/index.ts";

describe("networkMemory", () => {
  const networks: [string, (options: ModelOptions) => Network][] = [
    ["lenet5", lenet5],
    ["mlp", mlp],
    ["resnet20", resnet20],
    ["bitR50x1", (options) => bitR50x1({ ...options, width: 1 / 8, size: 64 })],
  ];
  test.each(networks)("%s needs as much counted as made", (_, build) => {
    const made = networkMemory(build({ weights: "made" }));
    expect(networkMemory(build({ weights: "counted" }))).toEqual(made);
    expect(made.arenaBytes).toBeGreaterThan(0);
  });

  test("grows with the batch by what its largest layers hold, and the weights do not", () => {
    const [some, more] = [networkMemory(resnet20(), 16), networkMemory(resnet20(), 32)];
    expect(more.weightBytes).toBe(some.weightBytes);
    // A residual block reads one value of [16, 32, 32] while it makes another, beside the shortcut's.
    const value = 4 * 16 * 32 * 32;
    const perPicture = (more.arenaBytes - some.arenaBytes) / 16;
    expect(perPicture).toBeGreaterThanOrEqual(2 * value);
    expect(perPicture).toBeLessThanOrEqual(4 * value);
  });

  test("of 6.19e11 weights, which nobody could make", () => {
    const pixels = 512 * 512 * 3;
    const network = mlp({ hidden: [pixels], channels: 3, size: 512, classes: 1000, weights: "counted" });
    const { weightBytes, arenaBytes } = networkMemory(network);
    expect(weightBytes).toBeGreaterThanOrEqual(4 * (pixels * (pixels + 1) + 1000 * (pixels + 1)));
    expect(weightBytes).toBeLessThan(4.0001 * pixels * (pixels + 1001));
    // The picture and the hidden layer at most.
    expect(arenaBytes).toBeGreaterThanOrEqual(4 * pixels);
    expect(arenaBytes).toBeLessThan(3 * 4 * pixels);
  });

  test("what is no network or batch is refused", () => {
    expect(() => networkMemory({} as Network)).toThrow(UsageError);
    expect(() => networkMemory(lenet5(), 0)).toThrow(UsageError);
  });
});
