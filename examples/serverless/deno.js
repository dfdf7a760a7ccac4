import { createApp } from "./app.js";
import { files } from "./files.js";

const app = createApp(files);
const onListen = ({ port }) => console.log(`listening on http://127.0.0.1:${port}`);
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT") ?? 8080), onListen }, app.fetch);
