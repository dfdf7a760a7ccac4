// Puts every picture of the folder into the queue. Any number of times: what is there already, done or not, stays as it is.
import { readdir } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { Queue } from "bullmq";
import { connection, folder, jobIdOf, queueName, tries } from "./settings.js";

const AT_ONCE = 1000;

const queue = new Queue(queueName, { connection, defaultJobOptions: tries });
const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const images = entries
  .filter((entry) => entry.isFile() && /\.(png|jpe?g|webp|avif|tiff?)$/i.test(entry.name))
  .map(({ parentPath, path, name }) =>
    relative(folder, resolve(parentPath ?? path, name)).replaceAll(sep, "/"),
  )
  .sort();
for (let start = 0; start < images.length; start += AT_ONCE)
  await queue.addBulk(
    images.slice(start, start + AT_ONCE).map((image) => ({
      name: "classify",
      data: { image },
      opts: { jobId: jobIdOf(image) },
    })),
  );
if (process.argv.includes("--retry-failed")) await queue.retryJobs({ state: "failed" });
console.log(`${images.length} pictures in the queue ${queueName}`);
await queue.close();
