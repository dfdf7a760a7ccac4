import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundledPackages, thirdPartyNotices } from "../../scripts/third-party-notices.mjs";
import { type Consumer, consumerOfBuild, root } from "../support/consumer.ts";

let consumer: Consumer;
let notices: string;

const metafiles: Metafile[] = JSON.parse(readFileSync(join(root, "build/all.meta.json"), "utf8"));

beforeAll(() => {
  consumer = consumerOfBuild();
  notices = readFileSync(join(consumer.installed, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
});

afterAll(() => consumer.remove());

const flat = (text: string) => text.replace(/\s+/g, " ").trim();
const ours = (name: string) => readFileSync(join(root, "node_modules", name), "utf8");

describe("the notices in the package", () => {
  test("name every package of which a bundle has a byte, with its version and licence", () => {
    const bundled = new Set(
      metafiles.flatMap(({ outputs }) =>
        Object.values(outputs).flatMap(({ inputs }) =>
          Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
            bytesInOutput > 0 && path.includes("node_modules/")
              ? ((path.split("node_modules/").at(-1) as string).match(/^(@[^/]+\/)?[^/]+/)?.[0] as string)
              : [],
          ),
        ),
      ),
    );
    expect(bundled.size).toBeGreaterThan(8);
    for (const name of bundled) {
      const { version, license } = JSON.parse(ours(`${name}/package.json`));
      expect(notices).toContain(`\n${name} ${version} (${license})\n`);
    }
  });

  test.each([
    ["protobufjs", "protobufjs/LICENSE"],
    ["onnx-proto, in halves of our making", "onnx-proto/LICENSE"],
    ["what the command line reads pictures with", "pngjs/LICENSE"],
    ["AssemblyScript, in the kernels", "assemblyscript/LICENSE"],
    ["AssemblyScript's authors", "assemblyscript/NOTICE"],
  ])("quote the licence of %s", (_, path) => {
    expect(flat(notices)).toContain(flat(ours(path)));
  });

  test("say which licence is lanewise's own", () => {
    expect(notices.startsWith("lanewise is under the licence in LICENSE.")).toBe(true);
  });
});

describe("packages are found", () => {
  const holding = (...paths: string[]) => [
    { outputs: { "dist/x.js": { inputs: Object.fromEntries(paths.map((p) => [p, { bytesInOutput: 1 }])) } } },
  ];

  test("in folders, scopes, packages of packages and checkouts beside", () => {
    const found = bundledPackages(
      holding(
        "src/a.ts",
        "node_modules/a/x.js",
        "../b/node_modules/@c/d/x/y.js",
        "node_modules/e/node_modules/f/g.js",
      ),
    );
    const own = "node_modules/assemblyscript";
    expect(found).toEqual(["node_modules/@c/d", "node_modules/a", own, "node_modules/e/node_modules/f"]);
  });

  test("in what is made of them", () => {
    expect(bundledPackages(holding("build/onnx-reading.mjs"))).toContain("node_modules/onnx-proto");
  });

  test("and one without a licence ends the build", () => {
    expect(() => thirdPartyNotices(holding("node_modules/.bin/x.js"))).toThrow();
  });
});
