// Who else's code the package carries, and under which licence: from what esbuild says it has put into the bundles.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Written by scripts/build-proto-halves.mjs from the code of another: what metafiles call ours. */
const DERIVED = { "build/onnx-reading.mjs": "onnx-proto", "build/onnx-writing.cjs": "onnx-proto" };

/** What kernels call (`NativeMathf`, say), the compiler puts into them. */
const COMPILED_IN = ["assemblyscript"];

/** Packages that come without their licence's text, and the one of the same authors and repository that has it. */
const TEXT_BESIDE = { "@assemblyscript/loader": "assemblyscript" };

/** Packages whose licence stands in their repository alone. */
const TEXT_HERE = { "onnxruntime-common": "scripts/onnxruntime-common-licence.txt" };

/** The folders in node_modules of all packages that metafiles of esbuild name, sorted. */
export function bundledPackages(metafiles) {
  const found = new Set(COMPILED_IN.map((name) => `node_modules/${name}`));
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = path.match(/node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/)?.[0];
        if (bytesInOutput === 0) continue;
        if (folder !== undefined) found.add(folder);
        else if (path in DERIVED) found.add(`node_modules/${DERIVED[path]}`);
      }
  return [...found].sort();
}

/** The text of the notices; throws where a package has no licence that could be quoted. */
export function thirdPartyNotices(metafiles) {
  const notices = bundledPackages(metafiles).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    if (typeof license !== "string") throw new Error(`${folder} names no licence`);
    return { name, title: `${name} ${version} (${license})`, text: licenceText(folder, name) };
  });
  const texts = [...new Set(notices.map(({ text }) => text))];
  const parts = texts.map((text) => {
    const titles = notices.filter((notice) => notice.text === text).map(({ title }) => title);
    return `${titles.join("\n")}\n\n${text}`;
  });
  const head = "lanewise is under the licence in LICENSE. It carries code of these packages:";
  return `${[head, ...parts].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** What a package says of its licence, in the files that say it; ASCII spaces at lines' ends aside. */
function licenceText(folder, name) {
  if (name in TEXT_HERE) return readFileSync(join(root, TEXT_HERE[name]), "utf8").trim();
  const from = join(root, name in TEXT_BESIDE ? `node_modules/${TEXT_BESIDE[name]}` : folder);
  const files = readdirSync(from)
    .filter((file) => /^(licen[cs]e|notice|copying)(\.|$)/i.test(file))
    .sort();
  if (!files.some((file) => /^(licen[cs]e|copying)/i.test(file)))
    throw new Error(`${folder} has no licence's text: say in scripts/third-party-notices.mjs who has it`);
  return files
    .map((file) =>
      readFileSync(join(from, file), "utf8")
        .replace(/\r/g, "")
        .replace(/[ \t]+$/gm, "")
        .trim(),
    )
    .join("\n\n");
}
