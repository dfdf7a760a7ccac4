import { serve } from "@hono/node-server";
import { createApp } from "./app.js";
import { files } from "./files.js";

const app = createApp(files);
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(process.env.PORT ?? 8080) }, ({ port }) =>
  console.log(`listening on http://127.0.0.1:${port}`),
);
