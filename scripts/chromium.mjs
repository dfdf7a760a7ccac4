// Finds a Chromium for the browser tests, and installs Debian's where this machine lets it.
import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

const VARIABLES = ["CHROMIUM_PATH", "CHROME_PATH"];
const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const INSTALL_TIMEOUT_MS = 8 * 60_000;

/** Why the browser tests are left out where `findChromium` finds none. */
export const NO_CHROMIUM = `no Chromium: not in ${VARIABLES.join(" or ")}, no ${NAMES.join(", ")} in PATH, and only root with apt-get can install one`;

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** The path of a Chromium: as the environment says, else from PATH; undefined where there is none. */
export function findChromium() {
  const named = VARIABLES.map((name) => process.env[name]).filter(
    (path) => path !== undefined && path !== "",
  );
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...named, ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))].find(isProgram);
}

/** Installs Debian's Chromium where the caller is root and there is apt-get; prints one line when that fails. */
export function installChromium() {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return;
  console.log("installing Debian's Chromium for the browser tests");
  const apt = (...args) =>
    spawnSync("apt-get", ["-q", "-y", "-o", "DPkg::Lock::Timeout=120", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      timeout: INSTALL_TIMEOUT_MS,
    });
  // A list that cannot be brought up to date may still be good enough to install from.
  const steps = [apt("update"), apt("install", "--no-install-recommends", "chromium")];
  if (steps[1]?.status === 0) return;
  const lines = steps.flatMap((step) =>
    `${step.stderr ?? ""}${step.error?.message ?? ""}`.trim().split("\n"),
  );
  console.log(`could not install Chromium: ${lines.findLast((line) => line !== "") ?? "apt-get failed"}`);
}
