import { cpSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { TestContext } from "vitest";
import { type Consumer, consumerOfBuild, npm, root } from "./consumer.ts";
import { leaveOut } from "./leave-out.ts";

/**
 * An example of this repository, with the packed lanewise and the packages that it needs, in a folder elsewhere. Leaves the
 * test out where the packages cannot be had.
 */
export function installExample(context: TestContext, name: string, requiredBy: string): Consumer {
  const example = join(root, "examples", name);
  const consumer = consumerOfBuild();
  cpSync(example, consumer.folder, {
    recursive: true,
    filter: (path) => !["package.json", "node_modules", "build"].includes(basename(path)),
  });
  const { dependencies } = JSON.parse(readFileSync(join(example, "package.json"), "utf8")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  const others = Object.entries(dependencies).filter(([dependency]) => dependency !== "lanewise");
  const options = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--silent"];
  try {
    npm(consumer.folder, "install", ...options, ...others.map(([other, range]) => `${other}@${range}`));
  } catch (error) {
    consumer.remove();
    return leaveOut(context, `the example's packages cannot be had: ${(error as Error).message}`, requiredBy);
  }
  return consumer;
}
