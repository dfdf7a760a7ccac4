// Writes dist/types: what tsc declares, made fit for consumers with other libraries and older compilers than ours.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const types = join(root, "dist/types");

/** What not every consumer's libraries declare: consumer-globals.d.ts finds or replaces it. */
const GLOBALS = [
  ...[
    "AbortSignal",
    "Blob",
    "HTMLImageElement",
    "ImageBitmap",
    "ImageData",
    "ReadableStream",
    "Response",
    "URL",
  ],
  ...["WebAssembly", "WebGLRenderingContext", "WebGLTexture"],
];

/** The package whose declarations `lanewise/ort` hands on, and where consumers find them, who do not have it. */
const ORT = "onnxruntime-common";
const ORT_DECLARATIONS = join(root, "node_modules", ORT, "dist/esm");
const ORT_COPIES = join(types, "ort/common");
const ORT_LICENCE = readFileSync(join(root, "scripts/onnxruntime-common-licence.txt"), "utf8")
  .trimEnd()
  .replace(/^/gm, "// ")
  .replace(/ $/gm, "");

/** The declarations of entries. */
const ENTRIES = [
  ...["index", "external", "threads"],
  ...[
    "vision/index",
    "nn/index",
    "train/index",
    "inspect/index",
    "models/index",
    "worker/index",
    "ort/register",
  ],
];

export function emitTypes() {
  rmSync(types, { recursive: true, force: true });
  execFileSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")],
    { stdio: "inherit" },
  );
  flattenSources();
  copyOrt("index.d.ts");
  for (const file of readdirSync(types, { recursive: true })) {
    const path = join(types, file);
    if (path.endsWith(".d.ts") && statSync(path).isFile())
      writeFileSync(path, forConsumers(readFileSync(path, "utf8"), path));
  }
  copyFileSync(join(root, "scripts/consumer-globals.d.ts"), join(types, "globals.d.ts"));
  copyFileSync(join(root, "scripts/kernel-module.d.ts"), join(types, "kernel-module.d.mts"));
  // They are CommonJS's declarations, which ES modules may import, but not the other way round; so there is one of each type.
  writeFileSync(join(types, "package.json"), '{ "type": "commonjs" }\n');
  for (const entry of ENTRIES)
    writeFileSync(join(types, `${entry}.d.mts`), `export * from "./${basename(entry)}.js";\n`);
  // What an ES module has of another's default export is in CommonJS all that is exported.
  writeFileSync(
    join(types, "ort/index.d.mts"),
    'import * as ort from "./names.js";\nexport * from "./names.js";\nexport default ort;\n',
  );
}

/** Entries' declarations lie side by side: what `src` holds goes a folder up, beside `models`. */
function flattenSources() {
  for (const name of readdirSync(join(types, "src"))) renameSync(join(types, "src", name), join(types, name));
  rmSync(join(types, "src"), { recursive: true });
  for (const name of readdirSync(join(types, "models"))) {
    const path = join(types, "models", name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll('"../src/', '"../'));
  }
}

/** Copies a declaration file of onnxruntime-common, and those that it names. */
function copyOrt(name) {
  const copy = join(ORT_COPIES, name);
  if (existsSync(copy)) return;
  const text = readFileSync(join(ORT_DECLARATIONS, name), "utf8").replace(
    /\n\/\/# sourceMappingURL=.*/,
    "\n",
  );
  mkdirSync(ORT_COPIES, { recursive: true });
  writeFileSync(copy, `// Of onnxruntime-common, under the\n${ORT_LICENCE}\n\n${text}`);
  for (const [, other] of text.matchAll(/from '\.\/([\w-]+)\.js'/g)) copyOrt(`${other}.d.ts`);
}

function forConsumers(declarations, path) {
  const text = declarations
    .replace(/(from "\.[^"]*|import\("\.[^"]*)\.ts"/g, '$1.js"')
    .replaceAll(`"${ORT}"`, '"./common/index.js"')
    // Before TypeScript 5.7 typed arrays are not generic.
    .replace(/\b(\w+Array)<ArrayBuffer>/g, 'ReturnType<$1Constructor["of"]>');
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"|'[^'\n]*'/g, "");
  const used = GLOBALS.filter((name) => new RegExp(`(?<![.\\w])${name}\\b(?! ?[?:=(])`).test(code));
  if (used.length === 0 && !code.includes("Symbol.dispose")) return text;
  const globals = relative(dirname(path), join(types, "globals.js")).replaceAll("\\", "/");
  return `import type { ${used.join(", ")} } from "${globals.startsWith(".") ? globals : `./${globals}`}";\n${text}`;
}
