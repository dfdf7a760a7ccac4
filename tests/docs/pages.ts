import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { type Browser, chromium } from "playwright-core";
import type { TestContext } from "vitest";
import { findChromium, NO_CHROMIUM } from "../../scripts/chromium.mjs";
import { leaveOut } from "../support/leave-out.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".jpg": "image/jpeg",
  ".wasm": "application/wasm",
};

export interface Site {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves the files of a folder below `prefix` with these headers, as a host or a CDN does; a folder is its index.html. */
export async function serveFolder(
  folder: string,
  headers: Readonly<Record<string, string>> = {},
  prefix = "/",
): Promise<Site> {
  const server = createServer(({ url = "/" }, response) => {
    try {
      const path = normalize(decodeURIComponent(new URL(url, "http://site").pathname));
      if (!path.startsWith(prefix)) throw new Error(`nothing at ${path}`);
      const name = path.endsWith("/") ? `${path}index.html` : path;
      const body = readFileSync(join(folder, name.slice(prefix.length)));
      const type = TYPES[extname(name)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, ...headers }).end(body);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** What a CDN for npm packages sends with its files: they may be used from any origin, and never change. */
export const CDN_HEADERS = {
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
  "cache-control": "public, max-age=31536000, immutable",
  "x-content-type-options": "nosniff",
};

export interface Visitor {
  /** Opens a page; gives what it logs first, its arguments as JSON has them. */
  logged(address: string): Promise<readonly unknown[]>;
}

/** The browser that the tests of a file share, started by the first of them. */
export function createVisitor(): { open(context: TestContext): Promise<Visitor>; close(): Promise<void> } {
  let launched: Promise<Browser> | undefined;
  return {
    async open(context) {
      const executablePath = findChromium();
      if (executablePath === undefined) return leaveOut(context, NO_CHROMIUM, "LANEWISE_REQUIRE_BROWSER");
      launched ??= chromium.launch({ executablePath, args: ["--disable-gpu", "--no-first-run"] });
      const visits = await (await launched).newContext();
      return { logged: async (address) => firstLog(await visits.newPage(), address) };
    },
    close: async () => (await launched)?.close(),
  };
}

type Page = Awaited<ReturnType<Browser["newPage"]>>;

/** What a page logs first; throws what it throws before. */
async function firstLog(page: Page, address: string): Promise<readonly unknown[]> {
  try {
    return await new Promise<readonly unknown[]>((done, fail) => {
      page.on("pageerror", fail);
      page.on("console", (message) => {
        if (message.type() === "log")
          void Promise.all(message.args().map((arg) => arg.jsonValue())).then(done, fail);
      });
      page.goto(address).catch(fail);
    });
  } finally {
    await page.close();
  }
}
