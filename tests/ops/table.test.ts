import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Op } from "../../src/ops/define.ts";
import { EXTRA_OPS } from "../../src/ops/extra.ts";
import { OPS } from "../../src/ops/index.ts";
import { TRAIN_OPS } from "../../src/ops/training.ts";

const FOLDER = new URL("../../src/ops/", import.meta.url);

const TABLES = /^(index|extra|training)\.ts$/;

const isOp = (value: unknown): value is Op =>
  typeof value === "object" && value !== null && "infer" in value && "evaluate" in value;

/** Every operator that a module under src/ops exports, alone or in a list, with the module's path there. */
const defined: readonly { readonly path: string; readonly op: Op }[] = (
  await Promise.all(
    (readdirSync(FOLDER, { recursive: true }) as string[])
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => path.endsWith(".ts") && !TABLES.test(path))
      .map(async (path) => {
        const module: Record<string, unknown> = await import(new URL(path, FOLDER).href);
        return Object.values(module).flatMap((value) =>
          (Array.isArray(value) ? value : [value]).filter(isOp).map((op) => ({ path, op })),
        );
      }),
  )
).flat();

/** Families that vision networks do without as a whole; of others what lies in `extra/`. */
const EXTRA = /^(attention|loss|ml|optimizer|random|sequence|signal|text)\/|\/extra\//;
const TRAINING = /^training\//;

describe("every operator that a module defines is in the table of its folder, and in no other:", () => {
  test.each([
    ["index.ts", OPS, (path: string) => !EXTRA.test(path) && !TRAINING.test(path)],
    ["extra.ts", EXTRA_OPS, (path: string) => EXTRA.test(path)],
    ["training.ts", TRAIN_OPS, (path: string) => TRAINING.test(path)],
  ] as const)("src/ops/%s", (_, table, isOwn) => {
    const own = defined.filter(({ path }) => isOwn(path)).map(({ op }) => op);
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((op) => !table.includes(op)).map(({ type }) => type)).toEqual([]);
    expect(table.filter((op) => !own.includes(op)).map(({ type }) => type)).toEqual([]);
  });
});

test("every operator has a name of its own", () => {
  const names = [...OPS, ...EXTRA_OPS, ...TRAIN_OPS].map(({ domain = "", type }) => `${domain}:${type}`);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
