import { capabilities, InferenceSession } from "lanewise";
import { preprocess } from "lanewise/vision";

/** The photo's pixels, as the engine itself decodes them. */
export async function decodePhoto() {
  const bitmap = await createImageBitmap(await (await fetch("/photo.jpg")).blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/** Whether code can be made of text here: the policy should forbid it. */
function canEval() {
  try {
    return new Function("return true")();
  } catch {
    return false;
  }
}

/** What a session makes of the photo; `create` may be that of another entry than `lanewise`. */
export async function classify(options = {}, create = InferenceSession.create) {
  const photo = await decodePhoto();
  const session = await create("/model.onnx", options);
  const results = await session.run({ [session.inputNames[0]]: preprocess(photo, "imagenet").tensor });
  const { simd, threads } = session;
  await session.release();
  return {
    scores: Array.from(results[session.outputNames[0]].data),
    photo: { width: photo.width, height: photo.height, data: Array.from(photo.data) },
    simd,
    threads,
    builds: capabilities().simd,
    canEval: canEval(),
  };
}
