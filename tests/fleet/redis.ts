import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { findPrograms, whyMissing } from "../../scripts/programs.mjs";
import { freePort } from "../support/free-port.ts";
import { leaveOut } from "../support/leave-out.ts";

/** A Redis of the test's own. */
export interface Redis {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a redis-server on a free port, which keeps nothing; leaves the test out where there is none to be had. */
export async function startRedis(context: TestContext): Promise<Redis> {
  const program = findPrograms("Redis")?.server;
  if (program === undefined) return leaveOut(context, whyMissing("Redis"), "LANEWISE_REQUIRE_FLEET");
  const folder = mkdtempSync(join(tmpdir(), "lanewise-redis-"));
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let printed = "";
  const ready = new Promise<void>((resolve) => {
    child.stdout.on("data", (text) => {
      printed += text;
      if (printed.includes("Ready to accept connections")) resolve();
    });
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  await Promise.race([ready, ended]);
  if (child.exitCode !== null) {
    await stop();
    throw new Error(`redis-server ${args.join(" ")}:\n${printed}`);
  }
  return { url: `redis://127.0.0.1:${port}`, stop };
}
