// Waits until the queue is empty and writes its results, a line a picture: node collect.js results.jsonl. They stay in
// Redis, one with each job, so that this can be done again, and on any machine.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import { connection, queueName } from "./settings.js";

const AT_ONCE = 1000;
const [out = "results.jsonl"] = process.argv.slice(2);
const queue = new Queue(queueName, { connection });

const began = performance.now();
let doneBefore;
for (;;) {
  const { completed, failed, ...unfinished } = await queue.getJobCounts();
  const left = Object.values(unfinished).reduce((sum, count) => sum + count, 0);
  if (left === 0) break;
  const done = completed + failed;
  doneBefore ??= done;
  const rate = (done - doneBefore) / ((performance.now() - began) / 1000);
  const estimate = rate > 0 ? `, ${Math.ceil(left / rate)} s left at ${rate.toFixed(1)} a second` : "";
  console.error(`${done} of ${done + left} pictures${estimate}`);
  await sleep(Number(process.env.EVERY_MS ?? 5000));
}

const file = createWriteStream(`${out}.tmp`);
const counts = { completed: 0, failed: 0 };
for (const state of Object.keys(counts))
  for (let start = 0; ; start += AT_ONCE) {
    const jobs = await queue.getJobs([state], start, start + AT_ONCE - 1, true);
    for (const { data, returnvalue, failedReason } of jobs) {
      const outcome = state === "completed" ? { top: returnvalue } : { error: { message: failedReason } };
      if (!file.write(`${JSON.stringify({ image: data.image, ...outcome })}\n`)) await once(file, "drain");
      counts[state]++;
    }
    if (jobs.length < AT_ONCE) break;
  }
file.end();
await once(file, "close");
await rename(`${out}.tmp`, out);
console.log(`${out}: ${counts.completed + counts.failed} pictures, ${counts.failed} failed`);
await queue.close();
