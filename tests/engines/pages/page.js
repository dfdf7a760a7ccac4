import { classify } from "./classify.js";
import { options, report } from "./report.js";

report(() => classify(options));
