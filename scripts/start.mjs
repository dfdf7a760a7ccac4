// `npm start`: builds lanewise where needed, then finds the edges in a picture and reads handwritten digits with the
// networks in models/.
// `npm start -- MODEL --image FILE …` runs any model instead; everything behind `--` goes to `lanewise run`.
import { spawnSync } from "node:child_process";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { newest } from "./newest.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "dist/cli.js");
// npm runs scripts in the package's folder; paths are meant from where npm was called.
const cwd =
  process.env.npm_lifecycle_event === "start" ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();

const sources = ["assembly", "src", "scripts", "asconfig.json", "package.json"].map((name) =>
  join(root, name),
);
if (newest(...sources) > newest(cli)) {
  const { buildDist } = await import("./build.mjs");
  await buildDist({ types: false });
  console.log("");
}

const shown = (...parts) => relative(cwd, join(root, ...parts));
const args = process.argv.slice(2);

/** `lanewise run` with these arguments; gives its exit status. */
const run = (...rest) =>
  spawnSync(process.execPath, [cli, "run", ...rest], { cwd: resolve(cwd), stdio: "inherit" }).status ?? 1;

function demo() {
  console.log(
    "Edges of a lighthouse: two fixed 3×3 convolutions (Sobel), √(Ix² + Iy²), built by lanewise itself.\n",
  );
  const edges = [shown("models/sobel.onnx"), "--image", shown("models/lighthouse.png")];
  const status = run(...edges, "--output", "edges.png");
  if (status !== 0) return status;
  console.log(
    "\nHandwritten digits, read by LeNet-5 that lanewise trained on MNIST: the three best guesses.\n",
  );
  const pictures = Array.from({ length: 10 }, (_, i) => ["--image", shown(`models/digits/${i}.png`)]);
  return run(shown("models/lenet5-mnist.onnx"), ...pictures.flat(), "--top", "3");
}

process.exit(args.length === 0 ? demo() : run(...args));
