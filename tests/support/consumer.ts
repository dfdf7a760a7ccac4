import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { newest } from "../../scripts/newest.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The builds of the kernels that the package hands out as files. */
export const BUILDS = ["plain", "relaxed", "plain-threads", "relaxed-threads"];

/** What stands under an entry: a path, or paths by condition, in the order in which conditions are looked at. */
export type Target = string | { readonly [condition: string]: Target };

/** All the paths of a target. */
export const pathsOf = (target: Target): string[] =>
  typeof target === "string" ? [target] : Object.values(target).flatMap(pathsOf);

export interface Manifest {
  readonly version: string;
  readonly type: string;
  readonly sideEffects: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Target>>;
  readonly engines: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A project that has the package installed, and nothing else. */
export interface Consumer {
  readonly folder: string;
  /** The package's folder in it. */
  readonly installed: string;
  /** The archive that it was installed from. */
  readonly archive: string;
  readonly manifest: Manifest;
  write(name: string, text: string | Uint8Array): string;
  /** Runs a module of the consumer's in a plain Node; gives what it printed. */
  runModule(name: string, text: string, ...nodeOptions: string[]): string;
  remove(): void;
}

/** Runs npm as a user would: without what an npm that runs the tests has put into the environment. */
export function npm(cwd: string, ...args: string[]): string {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(config_(ignore|onnx)|lifecycle|package)/i.test(name),
    ),
  );
  return runProgram("npm", args, cwd, { env });
}

/** A consumer of the checkout's `dist` as it is. */
export function consumerOfBuild(): Consumer {
  if (!existsSync(join(root, "dist/types"))) throw new Error("dist is not built: npm run build, or npm test");
  return consumerOf(archiveOfBuild);
}

/** The archive of the checkout's `dist` as it is, packed by the first test that wants it and used by all. */
function archiveOfBuild(): string {
  const archive = join(root, "build/lanewise.tgz");
  const packed = ["package.json", "README.md", "CHANGELOG.md", "LICENSE", "docs", "dist"];
  if (newest(archive) > newest(...packed.map((name) => join(root, name)))) return archive;
  const folder = mkdtempSync(join(root, "build/pack-"));
  // Tests of another process may want it at this moment: it is there whole or not at all.
  renameSync(pack(root, folder, "--ignore-scripts"), archive);
  rmSync(folder, { recursive: true });
  return archive;
}

/** `npm pack` in a folder, the archive written into another; gives its path. */
export function pack(from: string, to: string, ...options: string[]): string {
  const printed = npm(from, "pack", "--silent", "--pack-destination", to, ...options);
  return join(to, printed.trim().split("\n").at(-1) as string);
}

/**
 * A new project with the archive installed in it that `packed` makes there. Nothing is downloaded, unless `options` allow it:
 * of a repository npm makes the package with what the project is built with.
 */
export function consumerOf(
  packed: (to: string) => string,
  options: readonly string[] = ["--offline"],
): Consumer {
  const folder = mkdtempSync(join(tmpdir(), "lanewise-consumer-"));
  const installed = join(folder, "node_modules/lanewise");
  const write = (name: string, text: string | Uint8Array): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const archive = packed(folder);
  npm(folder, "install", ...options, "--no-audit", "--no-fund", "--silent", archive);
  return {
    folder,
    archive,
    installed,
    manifest: JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest,
    write,
    runModule: (name, text, ...nodeOptions) => runNode(folder, ...nodeOptions, write(name, text)),
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs Node in a folder; throws what it printed where it fails. */
export const runNode = (cwd: string, ...args: string[]): string => runProgram(process.execPath, args, cwd);

interface Run {
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program; gives what it printed, and throws that where it fails. */
export function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  { env = process.env }: Run = {},
): string {
  const shell = program === "npm" && process.platform === "win32";
  try {
    return execFileSync(program, args, {
      cwd,
      env,
      encoding: "utf8",
      stdio: "pipe",
      shell,
      maxBuffer: 2 ** 26,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(" ")}:\n${stdout}${stderr}`);
  }
}
