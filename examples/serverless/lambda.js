import { handle } from "hono/aws-lambda";
import { createApp } from "./app.js";
import { files } from "./files.js";

/** For API Gateway's HTTP API and for function URLs. */
export const handler = handle(createApp(files));
