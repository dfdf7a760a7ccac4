// What the measured build says of a model.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** What `lanewise inspect` says of a model: the multiply-accumulates of a run, and of its layers. */
export function inspect(path, inputs = {}, dist) {
  const dims = Object.entries(inputs).flatMap(([name, sizes]) => ["--dims", `${name}=${sizes}`]);
  const args = [join(dist, "cli.js"), "inspect", path, "--json", ...dims];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  return status === 0 ? JSON.parse(stdout) : { totals: { macs: null }, layers: [] };
}
