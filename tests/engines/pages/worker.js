import { classify } from "./classify.js";

addEventListener("message", async () => {
  try {
    postMessage({ result: await classify() });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
