import { rmSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium, NO_CHROMIUM } from "../../scripts/chromium.mjs";
import { blockOf, blocksOf } from "../docs/blocks.ts";
import { best, bestOf, exampleFolder, forSubject, lend, picture } from "../docs/subject.ts";
import { type Server, startServer } from "../runtimes/binaries.ts";
import { type Consumer, consumerOfBuild, npm, runProgram } from "../support/consumer.ts";
import { leaveOut } from "../support/leave-out.ts";
import { smallModel } from "../support/small-model.ts";

// A Next application with lanewise on both sides, built by each of its bundlers: a route of the server and a page run the same
// module, on one thread, on two, and in a worker; another route is that of docs/getting-started.md.

const MINUTES = 60_000;

const HEADERS = `
const headers = [
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Embedder-Policy", value: "require-corp" },
];
export default { headers: async () => [{ source: "/:path*", headers }] };`;

const LAYOUT = `
export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}`;

const MAIN = `
import { InferenceSession, Tensor } from "lanewise";
import { threading } from "lanewise/threads";
import { InferenceSession as WorkerSession } from "lanewise/worker";

export async function main(model) {
  const sessions = [
    await InferenceSession.create(model),
    await InferenceSession.create(model, { threads: 2, threading }),
    await WorkerSession.create(model, { threads: 2 }),
  ];
  const found = [];
  for (const session of sessions) {
    const x = new Tensor("float32", new Float32Array(1440).fill(0.5), [1, 3, 20, 24]);
    const { y } = await session.run({ x });
    found.push({ threads: session.threads, scores: Array.from(y.data) });
    await session.release();
  }
  return found;
}`;

const PAGE = `
"use client";
import { useEffect } from "react";
import { main } from "./main.js";

export default function Page() {
  useEffect(() => {
    globalThis.main = main;
  }, []);
  return <p>lanewise</p>;
}`;

const ROUTE = `
import { main } from "../../main.js";

export const dynamic = "force-dynamic";
export const GET = async () => Response.json(await main("public/small.onnx"));`;

interface Found {
  readonly threads: number;
  readonly scores: readonly number[];
}

function check(found: readonly Found[]): void {
  expect(found.map(({ threads }) => threads)).toEqual([1, 2, 2]);
  const [first, ...others] = found.map(({ scores }) => scores);
  expect(first).toHaveLength(10);
  for (const scores of others) expect(scores).toEqual(first);
}

let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
  npm(
    consumer.folder,
    "install",
    "--no-audit",
    "--no-fund",
    "--silent",
    "next@16",
    "react@19",
    "react-dom@19",
  );
  consumer.write("next.config.mjs", HEADERS);
  consumer.write("app/layout.js", LAYOUT);
  consumer.write("app/main.js", MAIN);
  consumer.write("app/page.js", PAGE);
  consumer.write("app/api/run/route.js", ROUTE);
  consumer.write("public/small.onnx", smallModel());
  const code = (heading: string) => forSubject(blockOf(blocksOf("getting-started.md"), heading, "js"));
  lend(consumer, "jpeg-js");
  exampleFolder(consumer, ".");
  consumer.write("classify.js", code("What servers share"));
  consumer.write("app/classify/route.js", code("Next"));
}, 5 * MINUTES);

afterAll(() => consumer?.remove());

const NEXT = "node_modules/next/dist/bin/next";
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production", NODE_OPTIONS: "" };

describe.each(["--turbopack", "--webpack"])("Next, built with %s", (bundler) => {
  let server: Server;

  beforeAll(async () => {
    runProgram(process.execPath, [NEXT, "build", bundler], consumer.folder, { env });
    server = await startServer(
      process.execPath,
      (port) => [NEXT, "start", "-p", String(port)],
      consumer.folder,
    );
  }, 5 * MINUTES);

  afterAll(async () => {
    await server?.stop();
    rmSync(join(consumer.folder, ".next"), { recursive: true, force: true });
  });

  test("answers on the server", async () => {
    const response = await fetch(new URL("api/run", server.address));
    check((await response.json()) as Found[]);
  });

  test("answers as docs/getting-started.md says", async () => {
    const request = { method: "POST", body: new Uint8Array(picture) };
    const answer = await fetch(new URL("classify", server.address), request);
    expect(bestOf(await answer.text())).toBe(best);
  });

  test("answers in the page", async (context) => {
    const executablePath = findChromium();
    if (executablePath === undefined) return leaveOut(context, NO_CHROMIUM, "LANEWISE_REQUIRE_BROWSER");
    const chrome = await chromium.launch({ executablePath });
    try {
      const page = await chrome.newPage();
      await page.goto(server.address);
      await page.waitForFunction(() => "main" in window);
      type Main = { main(model: string): Promise<Found[]> };
      check(await page.evaluate(() => (globalThis as unknown as Main).main("/small.onnx")));
    } finally {
      await chrome.close();
    }
  });
});
