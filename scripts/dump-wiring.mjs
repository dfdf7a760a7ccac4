// Writes the numbers of the networks in tests/models/wiring/networks.json into a folder, for wiring/reference.py to put into public
// implementations of the same: NAME.json lists them, NAME.bin holds them one behind the other, the picture last.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSource } from "./load-source.mjs";

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("usage: node scripts/dump-wiring.mjs FOLDER");
const cases = fileURLToPath(new URL("../tests/models/wiring/networks.json", import.meta.url));
const { zoo, filled, parametersOf, random } = await loadSource([
  'export { zoo } from "./models/zoo.ts";',
  'export { filled, parametersOf } from "./tests/models/wiring/filled.ts";',
  'export { random } from "./tests/support/random.ts";',
]);
for (const { name, options } of JSON.parse(readFileSync(cases, "utf8"))) {
  const network = filled(zoo.find((model) => model.name === name).build(options));
  const picture = random(1).tensor("float32", [1, 3, options.size, options.size]);
  const tensors = [...parametersOf(network), ["picture", picture]];
  const bytes = tensors.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  writeFileSync(join(folder, `${name}.bin`), Buffer.concat(bytes));
  const list = tensors.map(([parameter, { dims }]) => ({ name: parameter, dims }));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(list));
}
