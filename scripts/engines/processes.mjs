// Programs that an engine is made of: started, waited for, ended.
import { spawn } from "node:child_process";

const START_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 5_000;

/**
 * Starts a program and waits until it has printed what is expected, where anything is; gives the match and `end`, which
 * ends the program. Throws what was printed where the program ends before, or that does not come.
 */
export async function startProgram(path, args, { expected, env = {} } = {}) {
  const child = spawn(path, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  // Nothing outlives whoever forgot to end it.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const end = async () => {
    process.off("exit", kill);
    const runs = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
    if (runs) {
      child.kill();
      const timer = setTimeout(kill, END_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    }
    // What it started may still hold them.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  let printed = "";
  let timer;
  try {
    const match = await new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`${path} ${why}\n${printed}`));
      timer = setTimeout(() => fail("did not start in time"), START_TIMEOUT_MS);
      child.once("error", reject);
      child.once("exit", (code, signal) => fail(`ended with ${signal ?? code}`));
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text) => {
          printed += text;
          const found = expected?.exec(printed);
          if (found) resolve(found);
        });
      if (expected === undefined) child.once("spawn", resolve);
    });
    return { match, end };
  } catch (error) {
    await end();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
