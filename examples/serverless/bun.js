import { createApp } from "./app.js";
import { files } from "./files.js";

const app = createApp(files);
const { port } = Bun.serve({
  fetch: app.fetch,
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
});
console.log(`listening on http://127.0.0.1:${port}`);
