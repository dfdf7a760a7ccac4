// Runs one job of compare.mjs in this process: two builds of lanewise, the old one loaded twice.
import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { measure } from "./measure.mjs";

const job = JSON.parse(process.argv[2]);
const load = (dist, query = "") => import(`${pathToFileURL(`${dist}/index.js`).href}${query}`);
const modules = {
  "lanewise old": await load(job.dists.old),
  "lanewise new": await load(job.dists.new),
  // Another query is another instance of the module, with compiled code of its own.
  "lanewise again": await load(job.dists.old, "?again"),
};
const { contenders } = await measure(job, { modules, load: (path) => readFileSync(path), probes: {} });
writeSync(3, JSON.stringify(contenders));
process.exit(0);
