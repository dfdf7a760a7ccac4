/**
 * The API of onnxruntime-common as that package has it, with lanewise behind it: what it documents of `InferenceSession`,
 * `Tensor`, `env` and all other names holds here, and `create` takes a Blob or File, too. This page has what lanewise adds;
 * `docs/onnxruntime.md` says what becomes of each option.
 *
 * @module lanewise/ort
 */
import { env, registerBackend } from "onnxruntime-common";
import { addExtra } from "../extra.ts";
import { env as own } from "../index.ts";
import { backend, PRIORITY, PROVIDERS } from "./backend.ts";
import { acceptBlobs } from "./blobs.ts";
import * as ort from "./names.ts";

export * from "./names.ts";
/** @hidden */
export default ort;

addExtra();
acceptBlobs();
for (const name of PROVIDERS) registerBackend(name, backend, PRIORITY);
Object.defineProperty(env.versions, "lanewise", { value: own.versions.lanewise, enumerable: true });
