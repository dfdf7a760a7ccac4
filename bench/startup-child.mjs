// From nothing to a first answer, in a fresh process: node bench/startup-child.mjs RUNTIME MODULE MODEL; milliseconds
// from before the import to after the first run, and the process's peak memory, as JSON on file descriptor 3.
import { readFileSync, writeSync } from "node:fs";

const [runtime, module, model] = process.argv.slice(2);
const start = performance.now();
const { InferenceSession, Tensor, env } = await import(module);
const imported = performance.now();
if (runtime !== "lanewise") {
  env.wasm.numThreads = 1;
  env.logLevel = "error";
}
const session = await InferenceSession.create(
  model,
  runtime === "lanewise" ? {} : { executionProviders: ["wasm"], logSeverityLevel: 3 },
);
const created = performance.now();
const feeds = {};
for (const { name, type, shape } of session.inputMetadata) {
  feeds[name] = new Tensor(type, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5), shape);
}
await session.run(feeds);
const end = performance.now();
const result = {
  import_ms: imported - start,
  create_ms: created - imported,
  run_ms: end - created,
  total_ms: end - start,
  peak_rss_bytes: peakBytes(),
};
writeSync(3, JSON.stringify(result));
process.exit(0);

/**
 * Linux hands `maxRSS` down to a child: it is never less than what the process that started this one held then. VmHWM
 * is this process's own. Both count units of 1024 bytes.
 */
function peakBytes() {
  const own =
    process.platform === "linux" && /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return (own ? Number(own[1]) : process.resourceUsage().maxRSS) * 1024;
}
