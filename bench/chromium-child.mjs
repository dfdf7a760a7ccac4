// Runs one job in a page of headless Chromium: node bench/chromium-child.mjs JOB, result on file descriptor 3.
import { writeSync } from "node:fs";
import { chromium } from "playwright-core";
import { findChromium, NO_CHROMIUM } from "../scripts/chromium.mjs";
import { placesOf, serve } from "./serve.mjs";

const executablePath = findChromium();
if (executablePath === undefined) throw new Error(NO_CHROMIUM);
const { places, job } = placesOf(JSON.parse(process.argv[2]));
const server = await serve(places);
const browser = await chromium.launch({ executablePath, args: ["--disable-gpu", "--no-first-run"] });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(`${server.origin}/page.html`);
  const result = await page.evaluate(
    async (job) => (await import("/bench/page.mjs")).measureInPage(job),
    job,
  );
  writeSync(3, JSON.stringify({ ...result, chromium: browser.version() }));
} finally {
  await browser.close();
  server.close();
}
