import { classify } from "./classify.js";

addEventListener("message", (event) => {
  const answer = async () => {
    try {
      event.ports[0].postMessage({ result: await classify() });
    } catch (error) {
      event.ports[0].postMessage({ error: String(error) });
    }
  };
  event.waitUntil(answer());
});
