import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../runtimes/binaries.ts";
import { consumerOfBuild, npm, runProgram } from "../support/consumer.ts";
import { leaveOut } from "../support/leave-out.ts";
import { blockOf, blocksOf } from "./blocks.ts";
import { best, bestOf, exampleFolder, forSubject, lend, picture } from "./subject.ts";

const MINUTES = 60_000;
const NEXT = ["next@16", "react@19", "react-dom@19"];
const OPTIONS = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--silent"];

test(
  "the route handler of docs/getting-started.md answers in what Next builds",
  async (context) => {
    const consumer = consumerOfBuild();
    try {
      try {
        npm(consumer.folder, "install", ...OPTIONS, ...NEXT);
      } catch (error) {
        leaveOut(context, `Next cannot be had: ${(error as Error).message}`, "LANEWISE_REQUIRE_RUNTIMES");
      }
      lend(consumer, "jpeg-js");
      exampleFolder(consumer, ".");
      const code = (heading: string) => forSubject(blockOf(blocksOf("getting-started.md"), heading, "js"));
      consumer.write("classify.js", code("What servers share"));
      consumer.write("app/classify/route.js", code("Next"));
      const layout = "export default ({ children }) => <html><body>{children}</body></html>;";
      consumer.write("app/layout.js", layout);
      consumer.write("app/page.js", "export default () => <p>POST a JPEG to /classify</p>;");
      const next = join(consumer.folder, "node_modules/next/dist/bin/next");
      const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" } as const;
      runProgram(process.execPath, [next, "build"], consumer.folder, { env });
      const start = (port: number) => [next, "start", "-H", "127.0.0.1", "-p", String(port)];
      const server = await startServer(process.execPath, start, consumer.folder);
      try {
        const request = { method: "POST", body: new Uint8Array(picture) };
        const answer = await fetch(new URL("classify", server.address), request);
        expect(bestOf(await answer.text())).toBe(best);
      } finally {
        await server.stop();
      }
    } finally {
      consumer.remove();
    }
  },
  5 * MINUTES,
);
