/** The entry `lanewise/ort`: the API of onnxruntime-common as that package has it, with lanewise behind it. */
import { env, registerBackend } from "onnxruntime-common";
import { env as own } from "../all.ts";
import { backend, PRIORITY, PROVIDERS } from "./backend.ts";
import { acceptBlobs } from "./blobs.ts";
import * as ort from "./names.ts";

export * from "./names.ts";
export default ort;

acceptBlobs();
for (const name of PROVIDERS) registerBackend(name, backend, PRIORITY);
Object.defineProperty(env.versions, "lanewise", { value: own.versions.lanewise, enumerable: true });
