// Finds the programs that tests and benchmarks drive, and installs Debian's where this machine lets it.
import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

const INSTALL_TIMEOUT_MS = 8 * 60_000;

/**
 * What is driven: its programs by their part, each with the names that it goes by in PATH and the environment's variables
 * that name it, and the packages of Debian that have them.
 */
const KNOWN = {
  Chromium: {
    programs: {
      browser: {
        variables: ["CHROMIUM_PATH", "CHROME_PATH"],
        names: ["chromium", "chromium-browser", "google-chrome"],
      },
    },
    packages: ["chromium"],
  },
  Firefox: {
    programs: { browser: { variables: ["FIREFOX_PATH"], names: ["firefox-esr", "firefox"] } },
    packages: ["firefox-esr"],
  },
  // The driver starts the browser that it was built with; that one knows no life without a display, and paints by OpenGL in
  // software, which its package only recommends.
  WebKit: {
    programs: {
      driver: { variables: ["WEBKIT_DRIVER_PATH"], names: ["WebKitWebDriver"] },
      display: { variables: [], names: ["Xvfb"] },
    },
    packages: ["webkit2gtk-driver", "xvfb", "libgl1-mesa-dri"],
  },
  Redis: {
    programs: { server: { variables: ["REDIS_SERVER_PATH"], names: ["redis-server"] } },
    packages: ["redis-server"],
  },
};

/** The browsers among them. */
export const ENGINE_NAMES = ["Chromium", "Firefox", "WebKit"];

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** The path of a program: as the environment says, else from PATH; undefined where there is none. */
function findProgram({ variables, names }) {
  const named = variables
    .map((name) => process.env[name])
    .filter((path) => path !== undefined && path !== "");
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...named, ...names.flatMap((name) => folders.map((folder) => join(folder, name)))].find(isProgram);
}

/** The paths of all that one of them needs, by part; undefined where one is missing. */
export function findPrograms(name) {
  const parts = Object.entries(KNOWN[name].programs).map(([part, program]) => [part, findProgram(program)]);
  return parts.every(([, path]) => path !== undefined) ? Object.fromEntries(parts) : undefined;
}

/** Why tests are left out where `findPrograms` finds nothing. */
export function whyMissing(name) {
  const missing = Object.values(KNOWN[name].programs).filter((program) => findProgram(program) === undefined);
  const names = missing.flatMap(({ names }) => names).join(", ");
  const variables = missing.flatMap(({ variables }) => variables).join(" or ");
  return `no ${name}: ${variables && `not in ${variables}, `}no ${names} in PATH, and only root with apt-get can install one`;
}

/** Installs what Debian has of those that are missing, where the caller is root and there is apt-get; prints one line when that fails. */
export function installPrograms(names) {
  const missing = names.filter((name) => findPrograms(name) === undefined);
  if (missing.length === 0 || process.getuid?.() !== 0) return;
  if (spawnSync("apt-get", ["--version"]).status !== 0) return;
  console.log(`installing Debian's ${missing.join(", ")} for the tests`);
  const apt = (...args) =>
    spawnSync("apt-get", ["-q", "-y", "-o", "DPkg::Lock::Timeout=120", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      timeout: INSTALL_TIMEOUT_MS,
    });
  // A list that cannot be brought up to date may still be good enough to install from.
  const update = apt("update");
  for (const name of missing) {
    const install = apt("install", "--no-install-recommends", ...KNOWN[name].packages);
    if (install.status === 0) continue;
    const lines = [update, install].flatMap((step) =>
      `${step.stderr ?? ""}${step.error?.message ?? ""}`.trim().split("\n"),
    );
    console.log(`could not install ${name}: ${lines.findLast((line) => line !== "") ?? "apt-get failed"}`);
  }
}
