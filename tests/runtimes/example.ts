import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { TestContext } from "vitest";
import { type Consumer, root } from "../support/consumer.ts";
import { dataPath } from "../support/data.ts";
import { installExample as install } from "../support/example.ts";

const EXAMPLE = join(root, "examples/serverless");

/** `examples/serverless` with its model, the packed lanewise and the packages that it needs, in a folder elsewhere. */
export function installExample(context: TestContext): Consumer {
  const model = dataPath(context, "models/mobilenetv2_fp32_dequant/model.onnx");
  const labels = dataPath(context, "labels/imagenet-simple-labels.json");
  const consumer = install(context, "serverless", "LANEWISE_REQUIRE_RUNTIMES");
  copyFileSync(model, join(consumer.folder, "model.onnx"));
  copyFileSync(labels, join(consumer.folder, "labels.json"));
  return consumer;
}

/** What `npm run build:worker` and `npm run build:lambda` of the example do. */
export async function buildExample({ folder }: Consumer): Promise<void> {
  const { scripts } = JSON.parse(readFileSync(join(EXAMPLE, "package.json"), "utf8")) as {
    scripts: Readonly<Record<string, string>>;
  };
  for (const name of ["build:worker", "build:lambda"]) {
    const [program, entry, ...flags] = (scripts[name] as string).split(" ");
    if (program !== "esbuild") throw new Error(`${name} runs ${program}`);
    const valuesOf = (flag: string) =>
      flags.flatMap((text) => (text.startsWith(`--${flag}`) ? [text.slice(flag.length + 3)] : []));
    const [outfile, platform, conditions, target] = ["outfile", "platform", "conditions", "target"].map(
      (flag) => valuesOf(flag)[0],
    );
    await build({
      absWorkingDir: folder,
      entryPoints: [entry as string],
      bundle: true,
      format: "esm",
      external: valuesOf("external"),
      outfile: outfile as string,
      ...(platform !== undefined && { platform: platform as "node" }),
      ...(conditions !== undefined && { conditions: conditions.split(",") }),
      ...(target !== undefined && { target }),
      logLevel: "error",
    });
  }
}
