import { answerOf } from "./ask.js";
import { report } from "./report.js";

report(() => answerOf(new Worker("/served/worker.js", { type: "module" })));
