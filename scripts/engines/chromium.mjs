import { chromium } from "playwright-core";

/** A name of this machine that no engine trusts as it trusts 127.0.0.1: a page from there is as one over plain http. */
export const PLAIN_HOST = "plain.test";

const ARGS = [
  ...["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
];

/** Chromium without a window. */
export async function startChromium({ browser: executablePath }) {
  const browser = await chromium.launch({ executablePath, args: ARGS });
  const page = await browser.newPage();
  return {
    version: browser.version(),
    visit: (url) => page.goto(url, { waitUntil: "commit" }),
    close: () => browser.close(),
  };
}
