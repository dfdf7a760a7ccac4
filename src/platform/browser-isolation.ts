/** Why a page has no shared memory, and what to do about it. */
export const NOT_ISOLATED =
  "the page is not cross-origin isolated: serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
