import type { WorkerMessage } from "../runtime/threading.ts";
import { handleMessage } from "../runtime/worker.ts";

addEventListener("message", (event) => handleMessage((event as MessageEvent<WorkerMessage>).data));
postMessage("ready");
