// Cross-origin isolation where the host sets no headers, as GitHub Pages: a service worker of the site's own sets them.
// <script src="/isolate.js"></script> before all other scripts, the file at the top of what it is for; the first visit
// loads the page twice. Everything of other origins then needs their consent (docs/threads.md).

const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

async function isolated(request) {
  const response = await fetch(request);
  // What is opaque (other origins without CORS, redirects of pages) passes as it is.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  const { status, statusText, body } = response;
  return new Response(body, { status, statusText, headers });
}

if (typeof document === "undefined") {
  addEventListener("install", () => skipWaiting());
  addEventListener("activate", (event) => event.waitUntil(clients.claim()));
  addEventListener("fetch", (event) => {
    const { cache, mode } = event.request;
    if (cache === "only-if-cached" && mode !== "same-origin") return;
    event.respondWith(isolated(event.request));
  });
} else if (!crossOriginIsolated && navigator.serviceWorker?.controller === null) {
  // A page that is controlled and not isolated all the same has another reason: loading it again would not end.
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
  navigator.serviceWorker.register(document.currentScript.src);
}
