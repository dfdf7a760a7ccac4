// Finds a redis-server for the tests of examples/fleet, and installs Debian's where this machine lets it.
import { spawnSync } from "node:child_process";

const INSTALL_TIMEOUT_MS = 3 * 60_000;

/** Why tests are left out where `findRedis` finds nothing. */
export const NO_REDIS =
  "no redis-server: not in REDIS_SERVER_PATH or PATH, and only root with apt-get can install one";

/** The program's name or path: as the environment says, else as PATH has it; undefined where it does not run. */
export function findRedis() {
  const program = process.env.REDIS_SERVER_PATH || "redis-server";
  return spawnSync(program, ["--version"]).status === 0 ? program : undefined;
}

/** Installs Debian's redis-server where the caller is root and there is apt-get; prints one line when that fails. */
export function installRedis() {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return;
  console.log("installing Debian's redis-server for the tests of examples/fleet");
  const apt = (...args) =>
    spawnSync("apt-get", ["-q", "-y", "-o", "DPkg::Lock::Timeout=120", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      timeout: INSTALL_TIMEOUT_MS,
    });
  // A list that cannot be brought up to date may still be good enough to install from.
  const steps = [apt("update"), apt("install", "--no-install-recommends", "redis-server")];
  if (steps[1].status === 0) return;
  const lines = steps.flatMap((step) =>
    `${step.stderr ?? ""}${step.error?.message ?? ""}`.trim().split("\n"),
  );
  console.log(`could not install redis-server: ${lines.findLast((line) => line !== "") ?? "apt-get failed"}`);
}
