import { parentPort } from "node:worker_threads";
import { handleMessage } from "../runtime/worker.ts";

parentPort?.on("message", handleMessage);
parentPort?.postMessage("ready");
