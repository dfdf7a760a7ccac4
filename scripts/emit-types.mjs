// Writes dist/types: what tsc declares, made fit for consumers with other libraries and older compilers than ours.
import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const types = join(root, "dist/types");

/** What not every consumer's libraries declare: consumer-globals.d.ts finds or replaces it. */
const GLOBALS = ["AbortSignal", "ReadableStream", "Response", "URL", "WebAssembly"];

/** The declarations of entries. */
const ENTRIES = ["index", "vision/index", "nn/index", "train/index", "threads"];

export function emitTypes() {
  rmSync(types, { recursive: true, force: true });
  execFileSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")],
    { stdio: "inherit" },
  );
  for (const file of readdirSync(types, { recursive: true })) {
    const path = join(types, file);
    if (path.endsWith(".d.ts") && statSync(path).isFile())
      writeFileSync(path, forConsumers(readFileSync(path, "utf8"), path));
  }
  copyFileSync(join(root, "scripts/consumer-globals.d.ts"), join(types, "globals.d.ts"));
  // All are CommonJS's declarations, which ES modules may import, but not the other way round; so there is one of each type.
  writeFileSync(join(types, "package.json"), '{ "type": "commonjs" }\n');
  for (const entry of ENTRIES)
    writeFileSync(join(types, `${entry}.d.mts`), `export * from "./${basename(entry)}.js";\n`);
}

function forConsumers(declarations, path) {
  const text = declarations
    .replace(/(from "\.[^"]*|import\("\.[^"]*)\.ts"/g, '$1.js"')
    // Before TypeScript 5.7 typed arrays are not generic.
    .replace(/\b(\w+Array)<ArrayBuffer>/g, 'ReturnType<$1Constructor["of"]>');
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"/g, "");
  const used = GLOBALS.filter((name) => new RegExp(`(?<![.\\w])${name}\\b(?! ?[?:=(])`).test(code));
  if (used.length === 0 && !code.includes("Symbol.dispose")) return text;
  const globals = relative(dirname(path), join(types, "globals.js")).replaceAll("\\", "/");
  return `import type { ${used.join(", ")} } from "${globals.startsWith(".") ? globals : `./${globals}`}";\n${text}`;
}
