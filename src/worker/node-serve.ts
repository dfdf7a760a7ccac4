import { parentPort } from "node:worker_threads";
import { addTraining } from "../train/add-training.ts";
import { serve } from "./serve.ts";

/** Has a worker of Node answer the thread that has started it. */
export function serveParent(): void {
  addTraining();
  parentPort?.on(
    "message",
    serve((reply, transfer = []) => parentPort?.postMessage(reply, transfer)),
  );
}
