import { addExtra } from "../extra.ts";
import type { Request } from "./protocol.ts";
import { serve } from "./serve.ts";

addExtra();
const take = serve((reply, transfer = []) => postMessage(reply, { transfer }));
addEventListener("message", ({ data }: MessageEvent<Request>) => take(data));
postMessage("ready");
