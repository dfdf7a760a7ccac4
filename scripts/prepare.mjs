// npm runs this as `prepare` when it makes a package of a git repository or a folder for somebody else's project, and after
// every install of a checkout, too: there `npm run build` is asked for when it is wanted.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where npm, or what speaks as it does, was called. */
const caller = resolve(process.env.INIT_CWD ?? root);

if (join(caller, "/") !== root && process.env.npm_command !== "ci") {
  if (!existsSync(join(root, "node_modules/esbuild"))) {
    const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root, stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
  }
  const { buildDist } = await import("./build.mjs");
  await buildDist();
}
