// Creates, runs and releases a session again and again, in a process of its own; prints what memory it then held:
// node --expose-gc rounds.mjs MODEL ROUNDS. When the engine would collect by itself depends on the machine's load, not on
// what a release lets go of: it is asked to after every round.
import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "../../dist/index.js";

const [path, rounds] = [process.argv[2], Number(process.argv[3])];
const bytes = readFileSync(path);
const residentBytes = [];
const liveBytes = [];
for (let round = 0; round < rounds; round++) {
  const session = await InferenceSession.create(bytes);
  const feeds = session.inputMetadata.map(({ name, type, shape }) => {
    const elements = shape.reduce((product, dim) => product * dim, 1);
    return [name, new Tensor(type, new Float32Array(elements).fill(0.5), shape)];
  });
  await session.run(Object.fromEntries(feeds));
  await session.release();
  globalThis.gc();
  residentBytes.push(process.memoryUsage.rss());
  const { heapUsed, external } = process.memoryUsage();
  liveBytes.push(heapUsed + external);
}
console.log(JSON.stringify({ residentBytes, liveBytes }));
