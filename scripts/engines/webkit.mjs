import { createServer } from "node:net";
import { startProgram } from "./processes.mjs";

/** What lets WebKitGTK run as root, and where there is neither a graphics card nor a session's bus. */
const ENVIRONMENT = {
  GDK_BACKEND: "x11",
  GSETTINGS_BACKEND: "memory",
  LIBGL_ALWAYS_SOFTWARE: "1",
  NO_AT_BRIDGE: "1",
  WEBKIT_DISABLE_COMPOSITING_MODE: "1",
  WEBKIT_DISABLE_DMABUF_RENDERER: "1",
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
};

/**
 * WebKitGTK's MiniBrowser on a display of its own. WebKitGTK keeps SharedArrayBuffer from all pages, isolated ones too, where
 * Safari gives it to those: `sharedMemory` switches it on in the engine, so that it is as Safari's there.
 */
export async function startWebKit({ driver, display }, { sharedMemory = false } = {}) {
  const programs = [];
  const start = async (...args) => {
    const program = await startProgram(...args);
    programs.unshift(program);
    return program.match;
  };
  const end = async () => {
    for (const program of programs) await program.end();
  };
  try {
    const screen = ["-screen", "0", "800x600x24", "-nolisten", "tcp"];
    const [, number] = await start(display, ["-displayfd", "1", ...screen], { expected: /^(\d+)\n/m });
    const port = await freePort();
    const env = {
      ...ENVIRONMENT,
      DISPLAY: `:${number}`,
      ...(sharedMemory && { JSC_useSharedArrayBuffer: "1" }),
    };
    // The driver says nothing when it is ready; a session can be asked for once it answers.
    await start(driver, [`--port=${port}`], { env });
    const server = `http://127.0.0.1:${port}`;
    await answering(`${server}/status`);
    const { sessionId, capabilities } = await command(`${server}/session`, { capabilities: {} });
    const session = `${server}/session/${sessionId}`;
    return {
      version: capabilities.browserVersion,
      visit: (url) => command(`${session}/url`, { url }),
      async close() {
        // A driver that is gone has no session to end.
        await fetch(session, { method: "DELETE" }).catch(() => undefined);
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A command of WebDriver, https://www.w3.org/TR/webdriver2/; throws the driver's error. */
async function command(address, body) {
  const response = await fetch(address, { method: "POST", body: JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`WebKitWebDriver: ${value.error}: ${value.message}`);
  return value;
}

async function answering(address) {
  for (let attempt = 1; ; attempt++) {
    try {
      await (await fetch(address)).arrayBuffer();
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
