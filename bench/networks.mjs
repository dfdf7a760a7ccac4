// The networks of models/ as modules that build them with the measured build's `lanewise/nn`.
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Writes lenet5.mjs and resnet20.mjs, or those of other files, into a folder. */
export function bundleNetworks(folder, dist, names = ["lenet5", "resnet20"]) {
  const nn = pathToFileURL(join(dist, "nn.js")).href;
  const models = fileURLToPath(new URL("../models", import.meta.url));
  return build({
    entryPoints: names.map((name) => join(models, `${name}.ts`)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "warning",
    plugins: [
      {
        name: "measured-nn",
        setup(bundling) {
          bundling.onResolve({ filter: /\/src\/nn\/index\.ts$/ }, () => ({ path: nn, external: true }));
        },
      },
    ],
  });
}
