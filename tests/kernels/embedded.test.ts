import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as fromBytes from "../../src/runtime/embedded-bytes.ts";
import * as fromText from "../../src/runtime/embedded-text.ts";

const build = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../build/kernels.${name}.wasm`, import.meta.url)));

test.each([
  ["bytes", fromBytes],
  ["text", fromText],
])("the kernels that the bundle holds as %s are the builds", (_, embedded) => {
  expect(new Uint8Array(embedded.plainKernels())).toEqual(build("plain"));
  expect(new Uint8Array(embedded.relaxedKernels())).toEqual(build("relaxed"));
});
