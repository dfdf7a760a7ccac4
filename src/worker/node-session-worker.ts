import { parentPort } from "node:worker_threads";
import { addTraining } from "../train/add-training.ts";
import { serve } from "./serve.ts";

addTraining();
parentPort?.on(
  "message",
  serve((reply, transfer = []) => parentPort?.postMessage(reply, transfer)),
);
