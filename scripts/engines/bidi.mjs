// WebDriver BiDi, https://w3c.github.io/webdriver-bidi/: commands under numbers, over a WebSocket.
// Node has a WebSocket of its own from 22 on only; playwright-core carries the one of `ws`.
import { ws as WebSocket } from "playwright-core/lib/utilsBundle";

const COMMAND_TIMEOUT_MS = 60_000;

/** Connects to a browser at its WebSocket's address: `send` gives a command's result, or throws the browser's error. */
export async function connectBidi(address) {
  const socket = new WebSocket(address);
  const waiting = new Map();
  const failAll = (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", failAll);
  socket.on("close", () => failAll(new Error("the browser closed the connection")));
  socket.on("message", (text) => {
    const { id, type, result, error, message } = JSON.parse(String(text));
    const command = waiting.get(id);
    waiting.delete(id);
    if (type === "error") command?.reject(new Error(`${error}: ${message}`));
    else command?.resolve(result);
  });
  let count = 0;
  return {
    async send(method, params = {}) {
      const id = ++count;
      let timer;
      const answered = new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`${method}: no answer`)), COMMAND_TIMEOUT_MS);
        waiting.set(id, { resolve, reject });
      });
      socket.send(JSON.stringify({ id, method, params }));
      return answered.finally(() => {
        clearTimeout(timer);
        waiting.delete(id);
      });
    },
    close: () => socket.close(),
  };
}
