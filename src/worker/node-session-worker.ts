import { serveParent } from "./node-serve.ts";

serveParent();
