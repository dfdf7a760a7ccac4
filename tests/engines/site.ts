import { cpSync, existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { type Consumer, consumerOfBuild, root } from "../support/consumer.ts";

/** Scripts and workers from here only, no blobs and no eval; WebAssembly has to be allowed. */
export const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** The same, but that workers may start from blobs. */
export const BLOBS = `${STRICT}; worker-src 'self' blob:`;

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Nothing of another origin without its consent: what shared memory takes. Workers' scripts must say so, too. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** A page to be opened. */
export interface Page {
  /** Its module: one of `pages/` with the package's files beside it ("served"), or all in one bundle ("bundled"). */
  readonly script: `${"served" | "bundled"}/${string}.js`;
  /** What it hands to `InferenceSession.create`. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly policy?: string;
  /** Isolated by headers: by `require-corp`, or by `credentialless`, which asks less of other origins. */
  readonly isolated?: boolean | "credentialless";
  /** A classic script that goes before. */
  readonly before?: string;
  /** The host's name in the address; this machine's own by default, which engines trust as they do https. */
  readonly host?: string;
}

/** A site that has the packed package, seen from the server. */
export interface Site {
  /** The address of a page, and what it will report; the report fails where none comes in time. */
  page(page: Page): { readonly address: string; readonly report: Promise<unknown> };
  close(): Promise<void>;
}

interface Message {
  readonly result?: unknown;
  readonly error?: string;
}

/** The script of docs/threads.md for hosts that set no headers. */
const ISOLATE = /```js\n(\/\/ isolate\.js\n.*?)```/s;

const REPORT_TIMEOUT_MS = 30_000;

/** Serves the pages, the package, onnxruntime-web, and the files that `model.onnx` and `photo.jpg` are. */
export async function openSite(files: Readonly<Record<"model.onnx" | "photo.jpg", string>>): Promise<Site> {
  const consumer = consumerOfBuild();
  await buildPages(consumer);
  const [, isolate = ""] = ISOLATE.exec(readFileSync(join(root, "docs/threads.md"), "utf8")) ?? [];
  // At the top of the site: a service worker has what lies beside and below it.
  const own = { ...files, "isolate.js": consumer.write("isolate.js", isolate) };
  const folders: Readonly<Record<string, string>> = {
    lanewise: join(consumer.installed, "dist/browser"),
    "onnxruntime-web": join(root, "node_modules/onnxruntime-web/dist"),
    ...Object.fromEntries(
      ["served", "bundled", "classic"].map((name) => [name, join(consumer.folder, name)]),
    ),
  };
  const pages = new Map<string, Page>();
  const reports = new Map<string, (message: Message) => void>();

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const send = (status: number, type: string, body: string | Uint8Array, headers = {}) => {
      response.writeHead(status, { "content-type": type, "content-security-policy": STRICT, ...headers });
      response.end(body);
    };
    const page = pages.get(pathname);
    const report = reports.get(pathname);
    if (report !== undefined) {
      report(JSON.parse(await bodyOf(request)) as Message);
      return send(204, "text/plain", "");
    }
    if (page !== undefined) {
      const policy = page.policy && { "content-security-policy": page.policy };
      return send(200, "text/html", document(page), { ...policy, ...isolationOf(page) });
    }
    const path = filePath(pathname.slice(1), folders, own);
    if (path === undefined) {
      // A page whose module lacks one that it imports runs nothing, and so says nothing.
      if (pathname !== "/favicon.ico")
        for (const report of reports.values()) report({ error: `${pathname} is not there` });
      return send(404, "text/plain", `nothing at ${pathname}`);
    }
    send(200, TYPES[extname(path)] ?? "application/octet-stream", readFileSync(path), ISOLATION);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  let count = 0;
  return {
    page(page) {
      const name = `/page-${++count}`;
      pages.set(name, page);
      const query = new URLSearchParams({
        report: `${name}-report`,
        options: JSON.stringify(page.options ?? {}),
      });
      const report = new Promise<unknown>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${page.script}: nothing came of it`)),
          REPORT_TIMEOUT_MS,
        );
        reports.set(`${name}-report`, ({ result, error }) => {
          clearTimeout(timer);
          if (error === undefined) resolve(result);
          else reject(new Error(error));
        });
      });
      return { address: `http://${page.host ?? "127.0.0.1"}:${port}${name}?${query}`, report };
    },
    async close() {
      await closeServer(server);
      consumer.remove();
    },
  };
}

const document = ({ script, before }: Page): string =>
  `<!doctype html>${before ? `<script src="${before}"></script>` : ""}<script type="module" src="/${script}"></script>`;

const isolationOf = ({ isolated }: Page): object | undefined =>
  isolated === "credentialless"
    ? { ...ISOLATION, "cross-origin-embedder-policy": isolated }
    : isolated
      ? ISOLATION
      : undefined;

/** The pages in three forms: modules beside the package's, one module each, and one classic script each. */
async function buildPages(consumer: Consumer): Promise<void> {
  cpSync(fileURLToPath(new URL("pages", import.meta.url)), join(consumer.folder, "pages"), {
    recursive: true,
  });
  const common = {
    entryPoints: ["pages/*.js"],
    absWorkingDir: consumer.folder,
    bundle: true,
    platform: "browser",
    logLevel: "error",
    external: ["/lanewise/*", "/onnxruntime-web/*"],
    alias: { "onnxruntime-web/wasm": "/onnxruntime-web/ort.wasm.min.mjs" },
  } satisfies BuildOptions;
  const names = ["lanewise", "lanewise/vision", "lanewise/worker", "lanewise/threads"];
  const files = names.map((name) => [name, `/lanewise/${name.split("/")[1] ?? "index"}.js`]);
  await Promise.all([
    build({
      ...common,
      alias: { ...common.alias, ...Object.fromEntries(files) },
      format: "esm",
      outdir: "served",
    }),
    build({ ...common, format: "esm", minify: true, outdir: "bundled" }),
    build({
      ...common,
      entryPoints: ["pages/worker.js", "pages/service-worker.js"],
      format: "iife",
      outdir: "classic",
    }),
  ]);
}

function filePath(
  path: string,
  folders: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): string | undefined {
  if (files[path] !== undefined) return files[path];
  const [folder, ...rest] = path.split("/");
  if (folder === undefined || folders[folder] === undefined) return undefined;
  const found = join(folders[folder], normalize(`/${rest.join("/")}`));
  return existsSync(found) && statSync(found).isFile() ? found : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((done, fail) => {
    server.close((error) => (error ? fail(error) : done()));
    server.closeAllConnections();
  });
