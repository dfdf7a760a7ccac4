import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { TestContext } from "vitest";
import { type Consumer, consumerOfBuild, npm, root } from "../support/consumer.ts";
import { dataPath } from "../support/data.ts";
import { leaveOut } from "../support/leave-out.ts";

const EXAMPLE = join(root, "examples/serverless");

/** `examples/serverless` with its model, the packed lanewise and the packages that it needs, in a folder elsewhere. */
export function installExample(context: TestContext): Consumer {
  const model = dataPath(context, "models/mobilenetv2_fp32_dequant/model.onnx");
  const labels = dataPath(context, "labels/imagenet-simple-labels.json");
  const consumer = consumerOfBuild();
  for (const name of readdirSync(EXAMPLE))
    if (name !== "package.json") copyFileSync(join(EXAMPLE, name), join(consumer.folder, name));
  copyFileSync(model, join(consumer.folder, "model.onnx"));
  copyFileSync(labels, join(consumer.folder, "labels.json"));
  const { dependencies } = JSON.parse(readFileSync(join(EXAMPLE, "package.json"), "utf8")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  const others = Object.entries(dependencies).filter(([name]) => name !== "lanewise");
  const options = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--silent"];
  try {
    npm(consumer.folder, "install", ...options, ...others.map(([name, range]) => `${name}@${range}`));
  } catch (error) {
    consumer.remove();
    const reason = `the example's packages cannot be had: ${(error as Error).message}`;
    return leaveOut(context, reason, "LANEWISE_REQUIRE_RUNTIMES");
  }
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
