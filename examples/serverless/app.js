import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { preprocess, softmax, topK } from "lanewise/vision";
import { decodePicture } from "./picture.js";

/** Larger uploads are refused before they are read. */
const MAX_BODY_BYTES = 4_000_000;

/**
 * The app: POST a JPEG or PNG to `/`, and its five best classes come as JSON. `openSession` gives the session, at the first
 * picture; `labels` are the names of the model's classes.
 */
export function createApp({ openSession, labels }) {
  const app = new Hono();
  let opening;
  const session = () => {
    opening ??= openSession().catch((error) => {
      // The next picture may try again.
      opening = undefined;
      throw error;
    });
    return opening;
  };

  app.post("/", bodyLimit({ maxSize: MAX_BODY_BYTES }), async (context) => {
    const bytes = new Uint8Array(await context.req.arrayBuffer());
    let picture;
    try {
      picture = decodePicture(bytes);
    } catch (error) {
      return context.json({ error: error.message }, 400);
    }
    const { tensor } = preprocess(picture, "imagenet");
    const model = await session();
    const results = await model.run({ [model.inputNames[0]]: tensor });
    const scores = softmax(results[model.outputNames[0]].data);
    const top = topK(scores, 5).map(({ index, score }) => ({ label: labels[index], score }));
    return context.json({ top });
  });

  return app;
}
