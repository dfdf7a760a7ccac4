// A server for pages that measure: folders, files, and a place for what comes of it.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const TYPES = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".html": "text/html",
};
/** Pages isolated from other origins have a finer clock. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Serves folders and files by the first part of the path, and an empty page at `/page.html` with the scripts that it is to
 * load; what a page posts goes to `onPost`.
 */
export async function serve(places, { scripts = [], onPost = () => {} } = {}) {
  const document = `<!doctype html>${scripts.map((path) => `<script type="module" src="${path}"></script>`).join("")}`;
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      response.end();
      onPost(JSON.parse(Buffer.concat(chunks).toString()));
      return;
    }
    const [, place, ...rest] = decodeURIComponent((request.url ?? "/").split("?")[0]).split("/");
    const path = places[place] && join(places[place], normalize(`/${rest.join("/")}`)).replace(/\/$/, "");
    if (path === undefined || !existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(place === "page.html" ? 200 : 404, { "content-type": TYPES[".html"], ...ISOLATION });
      response.end(document);
      return;
    }
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, ...ISOLATION });
    createReadStream(path).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What a page needs for a job, and the job as the page sees it: models and probes by their addresses. */
export function placesOf(job) {
  const models = [...new Set(job.contenders.map(({ model }) => model))];
  const places = {
    bench: at("."),
    lanewise: join(job.dist, "browser"),
    "onnxruntime-web": at("../node_modules/onnxruntime-web/dist"),
    ...Object.fromEntries(models.map((path, i) => [`model-${i}`, path])),
    ...Object.fromEntries(Object.entries(job.probes).map(([build, path]) => [`probe-${build}`, path])),
  };
  const contenders = job.contenders.map((one) => ({ ...one, model: `/model-${models.indexOf(one.model)}` }));
  return { places, job: { ...job, contenders } };
}
