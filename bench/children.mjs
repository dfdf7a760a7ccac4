// Starts what is measured in processes of their own, so that neither memory nor compiled code mix.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const RELAXED_FLAG = "--experimental-wasm-relaxed-simd";

const works = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** Node's flag for relaxed SIMD where it is off without (`support` is lanewise's `simdSupport()`). */
export const relaxedFlags = (support) =>
  support.relaxed || !works(process.execPath, RELAXED_FLAG, "-e", "0") ? [] : [RELAXED_FLAG];

/** The command that keeps a process on one core, or none where the machine has no taskset. */
export const pinning = (core) => (works("taskset", "-c", core, "true") ? ["taskset", "-c", core] : []);

/**
 * Runs a script of this folder under Node and gives what it wrote on file descriptor 3; throws with the last line of
 * its complaints when it fails.
 */
export function runChild(script, args, { pin = [], flags = [] } = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const [command, ...rest] = [...pin, process.execPath, ...flags, path, ...args];
  const { status, signal, stderr, output } = spawnSync(command, rest, {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 28,
    encoding: "utf8",
  });
  if (status === 0) return JSON.parse(output[3]);
  const lines = stderr.split("\n").filter((line) => /\S/.test(line) && !/^Node\.js v|^ +at /.test(line));
  const why = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "";
  throw new Error(`${signal === null ? `exit status ${status}` : signal}: ${why}`);
}
