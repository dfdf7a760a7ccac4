// Works on the queue until it is ended. SIGTERM lets the pictures in work be finished; what a worker that dies had in work
// goes back into the queue when its lock runs out, by the workers that are left.
import { Worker } from "bullmq";
import { connection, queueName, worker as settings } from "./settings.js";

const worker = new Worker(queueName, new URL("./classify.js", import.meta.url), {
  connection,
  ...settings,
  // The thread that keeps the locks is never busy with a picture.
  useWorkerThreads: true,
});
worker.on("ready", () => console.log(`${settings.name}: ready`));
worker.on("error", (error) => console.error(`${settings.name}: ${error.message}`));
worker.on("failed", (job, error) => console.error(`${settings.name}: ${job?.data.image}: ${error.message}`));

for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, async () => {
    await worker.close();
    process.exit();
  });
