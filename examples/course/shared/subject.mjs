// The classifier that is looked into, and the picture that it is shown.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tensor } from "lanewise";
import { networkFromModel, paint } from "lanewise/inspect";
import { fromTensor, preprocessFor, presets } from "lanewise/vision";
import { digitSet, modelFile, scene } from "./pictures.mjs";
import { readPng } from "./png.mjs";

/** The options that say which. */
export const SUBJECT_OPTIONS = {
  data: { type: "string" },
  model: { type: "string" },
  image: { type: "string" },
  preset: { type: "string", default: "imagenet" },
  labels: { type: "string" },
};

/**
 * `--model FILE.onnx --image FILE.png [--preset NAME] [--labels FILE.json]`, or with `--data FOLDER` its MobileNetV2 on the scene;
 * otherwise LeNet-5 on a digit. Gives { name, network, small, x, batch, seen, classes, range }: `x` is the picture as the network
 * takes it, `seen` the same in colours, `small` the network at a size at which pictures are quickly maximised.
 */
export async function subjectOf({ data, model, image, preset, labels }) {
  if (data === undefined && model === undefined) return lenetOnDigit();
  const file = model ?? join(data, "models/mobilenetv2_fp32_dequant/model.onnx");
  const names = labels ?? (data === undefined ? undefined : join(data, "labels/imagenet-simple-labels.json"));
  const bytes = readFileSync(file);
  const network = networkFromModel(bytes);
  const [input] = network.graph.inputs;
  const { tensor } = preprocessFor(
    image === undefined ? scene() : readPng(image),
    network.graph.facts.get(input).dims,
    preset,
  );
  return {
    name: network.graph.name,
    network,
    small: networkFromModel(bytes, { inputDims: [tensor.dims[1], 96, 96] }),
    x: tensor,
    batch: tensor,
    seen: fromTensor(tensor, presets[preset]),
    classes: names === undefined ? undefined : JSON.parse(readFileSync(names, "utf8")),
    range: [-2.2, 2.2],
  };
}

async function lenetOnDigit() {
  const network = networkFromModel(modelFile("lenet5-mnist.onnx"));
  const { planes } = await digitSet(undefined, 100);
  const digit = planes[13];
  const all = Float32Array.from(planes.flatMap(({ data }) => [...data]));
  return {
    name: "lenet5",
    network,
    small: network,
    x: new Tensor("float32", digit.data, [1, 1, 28, 28]),
    batch: new Tensor("float32", all, [planes.length, 1, 28, 28]),
    seen: paint(digit, { colors: "gray", from: 0, to: 1 }),
    classes: Array.from({ length: 10 }, (_, i) => String(i)),
    range: [0, 1],
  };
}
