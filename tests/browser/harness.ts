import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import type { TestContext } from "vitest";
import { findChromium, NO_CHROMIUM } from "../../scripts/chromium.mjs";
import type * as lanewise from "../../src/index.ts";
import type * as inspect from "../../src/inspect/index.ts";
import type * as nn from "../../src/nn/index.ts";
import type * as ort from "../../src/ort/index.ts";
import type { threading } from "../../src/threads.ts";
import type * as train from "../../src/train/index.ts";
import type * as vision from "../../src/vision/index.ts";
import type * as worker from "../../src/worker/index.ts";
import { leaveOut } from "../support/leave-out.ts";

const PACKAGE = fileURLToPath(new URL("../../dist/browser/", import.meta.url));

/** Scripts from here only, and no eval: what extensions and careful sites ask for. WebAssembly has to be allowed. */
export const CONTENT_SECURITY_POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** What is served of the package. */
export const SCRIPTS = existsSync(PACKAGE) ? readdirSync(PACKAGE).map((name) => `/lanewise/${name}`) : [];

const CHROMIUM_ARGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];

/** What a page must be served with to have shared memory; its worker's script too. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** The built package as a page sees it. */
export interface PageModules {
  readonly lanewise: typeof lanewise;
  readonly vision: typeof vision;
  readonly threading: typeof threading;
  /** Where the page asked for them. */
  readonly nn: typeof nn;
  readonly train: typeof train;
  readonly worker: typeof worker;
  readonly ort: typeof ort;
  readonly inspect: typeof inspect;
}

/** What a page may be asked to do: it runs there, so it sees its two arguments and nothing else of the test. */
type PageFunction<A, R> = (modules: PageModules, argument: A) => Promise<R>;

interface Reply {
  readonly type?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

interface PageOptions {
  /** Which entry is `lanewise` there; "index" where it is not given. */
  readonly entry?: "index" | "all";
  /** Isolate the page from other origins, so that it has shared memory. */
  readonly isolated?: boolean;
  /** Load what builds and trains networks too. */
  readonly training?: boolean;
  /** Load what runs sessions in a worker. */
  readonly worker?: boolean;
  /** What the page may do, in place of CONTENT_SECURITY_POLICY. */
  readonly policy?: string;
  /** Load `lanewise/ort` too. */
  readonly ort?: boolean;
  /** Load `lanewise/inspect` too. */
  readonly inspect?: boolean;
}

export interface Pages {
  /** Runs a function in a page of its own, under the policy above; takes and gives what JSON can say. */
  run<A, R>(run: PageFunction<A, R>, argument: A, page?: PageOptions): Promise<R>;
  /** Serves something at a path, to all pages from now on; gives the path. */
  serve(path: string, reply: Reply): string;
  close(): Promise<void>;
}

/** The Chromium that the tests of a file share, with a server of the built package; started by the first test. */
export function createPages(): { open(context: TestContext): Promise<Pages>; close(): Promise<void> } {
  let pages: Promise<Pages> | undefined;
  return {
    open(context) {
      const path = findChromium();
      if (path === undefined) return leaveOut(context, NO_CHROMIUM, "LANEWISE_REQUIRE_BROWSER");
      if (!existsSync(PACKAGE)) throw new Error("dist/browser is not built: npm run build, or npm test");
      pages ??= startPages(path);
      return pages;
    },
    close: async () => (await pages)?.close(),
  };
}

async function startPages(executablePath: string): Promise<Pages> {
  const replies = new Map<string, Reply>();
  const reports = new Map<string, (report: string) => void>();
  const server = createServer((request, response) => {
    void answer(request, replies, reports).then(
      ({ status = 200, type = "application/octet-stream", headers, body }) => {
        response.writeHead(status, {
          "content-type": type,
          "content-security-policy": CONTENT_SECURITY_POLICY,
          ...headers,
        });
        response.end(body);
      },
    );
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  let count = 0;
  return {
    serve(path, reply) {
      replies.set(path, reply);
      return path;
    },
    async run(run, argument, options = {}) {
      const {
        entry = "index",
        isolated = false,
        training = false,
        worker = false,
        ort = false,
        inspect = false,
        policy,
      } = options;
      const name = `/page-${++count}`;
      replies.set(`${name}.html`, {
        type: "text/html",
        headers: { ...(isolated && ISOLATION), ...(policy && { "content-security-policy": policy }) },
        body: `<!doctype html><script type="module" src="${name}.js"></script>`,
      });
      replies.set(`${name}.js`, {
        type: "text/javascript",
        body: pageScript({ entry, training, worker, ort, inspect }, String(run), argument, `${name}.report`),
      });
      return visit(
        browser,
        `${origin}${name}.html`,
        new Promise((report) => reports.set(`${name}.report`, report)),
      );
    },
    async close() {
      await browser.close();
      await closeServer(server);
    },
  };
}

const pageScript = (
  {
    entry,
    training,
    worker,
    ort,
    inspect,
  }: Required<Pick<PageOptions, "entry" | "training" | "worker" | "ort" | "inspect">>,
  run: string,
  argument: unknown,
  report: string,
): string => `
import * as lanewise from "/lanewise/${entry}.js";
import * as vision from "/lanewise/vision.js";
import { threading } from "/lanewise/threads.js";
${training ? `import * as nn from "/lanewise/nn.js"; import * as train from "/lanewise/train.js";` : "const nn = undefined, train = undefined;"}
${worker ? `import * as worker from "/lanewise/worker.js";` : "const worker = undefined;"}
${ort ? `import * as ort from "/lanewise/ort.js";` : "const ort = undefined;"}
${inspect ? `import * as inspect from "/lanewise/inspect.js";` : "const inspect = undefined;"}
const send = (message) => fetch(${JSON.stringify(report)}, { method: "POST", body: JSON.stringify(message) });
try {
  const result = await (${run})({ lanewise, vision, threading, nn, train, worker, ort, inspect }, ${JSON.stringify(argument)});
  await send({ result });
} catch (error) {
  await send({ error: String(error?.stack ?? error) });
}
`;

/** Opens a page and waits for its report, or for what kept it from reporting. */
async function visit<R>(browser: Browser, address: string, reported: Promise<string>): Promise<R> {
  const page = await browser.newPage();
  try {
    const broken = new Promise<never>((_, reject) =>
      page.on("pageerror", reject).on("crash", () => reject(new Error("the page crashed"))),
    );
    broken.catch(() => undefined);
    await page.goto(address);
    const { result, error } = JSON.parse(await Promise.race([reported, broken])) as {
      result: R;
      error?: string;
    };
    if (error !== undefined) throw new Error(`in the page: ${error}`);
    return result;
  } finally {
    await page.close();
  }
}

async function answer(
  request: IncomingMessage,
  replies: ReadonlyMap<string, Reply>,
  reports: ReadonlyMap<string, (report: string) => void>,
): Promise<Reply> {
  const path = request.url ?? "/";
  const report = reports.get(path);
  if (report !== undefined) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    report(Buffer.concat(chunks).toString());
    return { status: 204, body: "" };
  }
  if (SCRIPTS.includes(path)) {
    const body = readFileSync(join(PACKAGE, path.slice("/lanewise/".length)));
    return { type: "text/javascript", headers: ISOLATION, body };
  }
  return replies.get(path) ?? { status: 404, type: "text/plain", body: `nothing at ${path}` };
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((done, fail) => {
    server.close((error) => (error ? fail(error) : done()));
    server.closeAllConnections();
  });
