// Serves what pages are measured with.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

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

/** Serves folders and files by the first part of the path. */
export async function serve(places) {
  const server = createServer((request, response) => {
    const [, place, ...rest] = decodeURIComponent(request.url ?? "/").split("/");
    const path = places[place] && join(places[place], normalize(`/${rest.join("/")}`)).replace(/\/$/, "");
    if (path === undefined || !existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(place === "page.html" ? 200 : 404, { "content-type": TYPES[".html"], ...ISOLATION });
      response.end("<!doctype html>");
      return;
    }
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, ...ISOLATION });
    createReadStream(path).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}
