import { basename } from "node:path";
import { findTestFolders, runTestFolder } from "../src/cli/test-folder.ts";

const [level, ...dirs] = process.argv.slice(2);
const counts = { passed: 0, failed: 0, unsupported: 0 };
for (const dir of dirs)
  for (const folder of findTestFolders(dir)) {
    const t = performance.now();
    const r = await runTestFolder(
      folder,
      basename(folder),
      { rtol: 1e-3, atol: Number(process.env.ATOL ?? 1e-5) },
      { graphOptimizationLevel: level as never },
    );
    counts[r.status]++;
    if (r.status !== "passed" || process.env.V)
      console.log(r.status, r.name, `${Math.round(performance.now() - t)}ms`, (r.reason ?? "").slice(0, 400));
  }
console.log(counts);
