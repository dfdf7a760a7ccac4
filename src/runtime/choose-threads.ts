import { loadThreading, threadsNeed } from "#platform";
import { UsageError } from "../errors.ts";
import type { ExecutorThreads } from "./executor.ts";
import { checkThreads, type Threading, threadCount } from "./threading.ts";

/** The threads to run on; undefined for one. "auto" takes what there is, a count must be had. */
export async function chooseThreads(
  wish: "auto" | number,
  given: Threading | undefined,
): Promise<ExecutorThreads | undefined> {
  checkThreads(wish);
  if (wish === 1) return undefined;
  const threading = given ?? (await loadThreading());
  const parts = threadCount(wish, threading);
  if (parts === 1) return undefined;
  if (threading === undefined) throw new UsageError(`threads: ${parts} is not available: ${threadsNeed()}`);
  await threading.startWorkers(parts);
  return { threading, parts };
}
