import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectBidi } from "./bidi.mjs";
import { startProgram } from "./processes.mjs";

/** Beside what Firefox sets by itself when it is driven: nothing is asked of the network but what a page asks for. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "browser.region.network.url": "",
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
};

/** Firefox without a window, on a profile of its own, which lies in its home: root's may be somebody else's. */
export async function startFirefox({ browser }) {
  const folder = mkdtempSync(join(tmpdir(), "lanewise-firefox-"));
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(folder, "user.js"), lines.join(""));
  const args = ["--headless", "--no-remote", "--profile", folder, "--remote-debugging-port=0"];
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  let program;
  try {
    program = await startProgram(browser, args, {
      expected: /WebDriver BiDi listening on (ws:\S+)/,
      env: { HOME: folder },
    });
    const connection = await connectBidi(`${program.match[1]}/session`);
    const { capabilities } = await connection.send("session.new", { capabilities: {} });
    const { context } = await connection.send("browsingContext.create", { type: "tab" });
    return {
      version: capabilities.browserVersion,
      visit: (url) => connection.send("browsingContext.navigate", { context, url, wait: "none" }),
      async close() {
        connection.close();
        await program.end();
        remove();
      },
    };
  } catch (error) {
    await program?.end();
    remove();
    throw error;
  }
}
