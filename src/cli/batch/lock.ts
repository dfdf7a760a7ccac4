import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { ResourceError } from "../../errors.ts";
import { reasonOf } from "../files.ts";

/** Who holds a lock: as its file has it. */
interface Owner {
  readonly pid: number;
  readonly host: string;
}

/**
 * Takes a file for this process alone, by a file beside it (`FILE.lock`) that only one can make; gives what lets go of it.
 * What a process has left that is no more is taken over. Throws a ResourceError that names the lock where another has it,
 * or may have: nobody knows of processes on other machines.
 */
export async function lock(file: string): Promise<() => Promise<void>> {
  const path = `${file}.lock`;
  const own: Owner = { pid: process.pid, host: hostname() };
  while (!(await made(path, JSON.stringify(own)))) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const owner = ownerOf(text);
    if (owner === undefined || owner.host !== own.host || isAlive(owner.pid)) throw taken(file, path, owner);
    await removeStale(file, path, text);
  }
  return () => rm(path, { force: true });
}

async function made(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new ResourceError(`${path}: cannot write: ${reasonOf(cause)}`, { cause });
  }
}

function ownerOf(text: string): Owner | undefined {
  try {
    const { pid, host } = JSON.parse(text) as Partial<Owner>;
    return Number.isSafeInteger(pid) && typeof host === "string" ? { pid: pid as number, host } : undefined;
  } catch {
    return undefined;
  }
}

/** This process has no lock that it is about to take: one with its number is of a container's earlier life. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Puts a stale lock away, unless another process was quicker and what stands there now is its own. */
async function removeStale(file: string, path: string, stale: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const text = await readFile(aside, "utf8");
  if (text === stale) return rm(aside, { force: true });
  await rename(aside, path);
  throw taken(file, path, ownerOf(text));
}

const taken = (file: string, path: string, owner: Owner | undefined): ResourceError => {
  const who = owner === undefined ? "another process" : `process ${owner.pid} on ${owner.host}`;
  return new ResourceError(`${file}: ${who} is writing it; if that is no more, delete ${path}`);
};
