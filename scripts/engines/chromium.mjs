import { chromium } from "playwright-core";

export const CHROMIUM_ARGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];

/** Chromium without a window. */
export async function startChromium({ browser: executablePath }) {
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  const page = await browser.newPage();
  return {
    version: browser.version(),
    visit: (url) => page.goto(url, { waitUntil: "commit" }),
    close: () => browser.close(),
  };
}
