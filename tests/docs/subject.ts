import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { type Consumer, root } from "../support/consumer.ts";
import { DATA, hasData } from "../support/data.ts";

/** What the pages' examples see: a model and a JPEG, the preset that goes with them, and the class that must come out. */
interface Subject {
  readonly model: string;
  readonly picture: Uint8Array;
  readonly preset: string;
  readonly best: number;
}

/** MobileNetV2 and a tench where the test data is there, else the LeNet-5 and a digit of models/. */
function subject(): Subject {
  if (hasData)
    return {
      model: join(DATA, "models/mobilenetv2_fp32_dequant/model.onnx"),
      picture: readFileSync(join(DATA, "images/imagenet_samples/n01440764_tench.JPEG")),
      preset: "imagenet",
      best: 0,
    };
  const digit = PNG.sync.read(readFileSync(join(root, "models/digits/7.png")));
  return {
    model: join(root, "models/lenet5-mnist.onnx"),
    picture: jpeg.encode(digit, 95).data,
    preset: "mnist",
    best: 7,
  };
}

export const { model, picture, preset, best } = subject();

/** A page's code with the preset of the subject. */
export const forSubject = (code: string): string => code.replaceAll("imagenet", preset);

/** A folder of a consumer with the model and the picture where examples look for them. */
export function exampleFolder({ folder, write }: Consumer, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  cpSync(model, join(path, "model.onnx"));
  write(`${name}/picture.jpg`, picture);
  return path;
}

/** A package of the checkout's, in a consumer that has none from elsewhere. */
export const lend = ({ folder }: Consumer, name: string): void =>
  cpSync(join(root, "node_modules", name), join(folder, "node_modules", name), { recursive: true });

/** The class that stands first in what an example printed. */
export const bestOf = (printed: string): number => Number(/\bindex"?: ?(\d+)/.exec(printed)?.[1]);
