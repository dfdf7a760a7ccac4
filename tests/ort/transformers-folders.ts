import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import jpeg from "jpeg-js";
import { onnx } from "onnx-proto";
import { PNG } from "pngjs";
import { BERT_CLASSES, BERT_WORDS, bertModel } from "./transformers-bert.ts";

// Models' folders as @huggingface/transformers reads them.

/** Files by name, objects as JSON. */
function writeFolder(folder: string, files: Readonly<Record<string, Uint8Array | object>>): void {
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file instanceof Uint8Array ? file : JSON.stringify(file));
  }
}

/** A model of a file with other names for some of its values, and of these the outputs, without what only others need. */
function withNames(
  path: string,
  names: Readonly<Record<string, string>>,
  outputs: readonly string[],
): Uint8Array {
  const proto = onnx.ModelProto.decode(readFileSync(path));
  const graph = proto.graph as onnx.GraphProto;
  const renamed = (name: string): string => names[name] ?? name;
  for (const value of [...graph.input, ...graph.output]) value.name = renamed(value.name as string);
  for (const one of graph.node) {
    one.input = (one.input as string[]).map(renamed);
    one.output = (one.output as string[]).map(renamed);
  }
  const wanted = new Set(outputs);
  graph.node = graph.node
    .reverse()
    .filter((one) => {
      const isWanted = one.output?.some((name) => wanted.has(name)) ?? false;
      if (isWanted) for (const name of one.input ?? []) wanted.add(name);
      return isWanted;
    })
    .reverse();
  const known = new Map(graph.output.map((value) => [value.name, value]));
  const type = { tensorType: { elemType: onnx.TensorProto.DataType.FLOAT } };
  graph.output = outputs.map((name) => known.get(name) ?? onnx.ValueInfoProto.create({ name, type }));
  return new Uint8Array(onnx.ModelProto.encode(proto).finish());
}

const numbered = (names: readonly string[]) => Object.fromEntries(names.map((name, i) => [i, name]));

const IMAGENET = {
  ...{ image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
  ...{ do_normalize: true, do_rescale: true, rescale_factor: 1 / 255, do_resize: true, resample: 2 },
};

const MOBILENET_PIXELS = {
  ...IMAGENET,
  image_processor_type: "MobileNetV2ImageProcessor",
  ...{ do_center_crop: true, crop_size: { height: 224, width: 224 }, size: { shortest_edge: 256 } },
};

/** MobileNetV2 of the test data, from image to classes. */
export function writeImageClassifier(folder: string, path: string): void {
  const names = { image: "pixel_values", class_logits: "logits" };
  writeFolder(folder, {
    "onnx/model.onnx": withNames(path, names, ["logits"]),
    "config.json": {
      ...{ model_type: "mobilenet_v2", architectures: ["MobileNetV2ForImageClassification"] },
      id2label: numbered(Array.from({ length: 1000 }, (_, i) => `class ${i}`)),
    },
    "preprocessor_config.json": MOBILENET_PIXELS,
  });
}

/** The same network up to what it sees in an image, place by place and over all. */
export function writeImageEncoder(folder: string, path: string): void {
  const names = {
    ...{ image: "pixel_values", hardtanh_34_QuantizeLinear_Output: "last_hidden_state" },
    view: "pooler_output",
  };
  writeFolder(folder, {
    "onnx/model.onnx": withNames(path, names, ["last_hidden_state", "pooler_output"]),
    "config.json": { model_type: "mobilenet_v2", architectures: ["MobileNetV2Model"] },
    "preprocessor_config.json": MOBILENET_PIXELS,
  });
}

/** DeepLab of the test data, which tells two kinds of pixels apart. */
export function writeImageSegmenter(folder: string, path: string): void {
  const names = { "MobilenetV2/MobilenetV2/input:0": "pixel_values", "transpose:0": "logits" };
  writeFolder(folder, {
    "onnx/model.onnx": withNames(path, names, ["logits"]),
    "config.json": {
      ...{ model_type: "segformer", architectures: ["SegformerForSemanticSegmentation"] },
      id2label: numbered(["ground", "figure"]),
    },
    "preprocessor_config.json": {
      ...IMAGENET,
      ...{ image_processor_type: "SegformerImageProcessor", size: { height: 513, width: 513 } },
      ...{ image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] },
    },
  });
}

/** A JPEG's every third pixel as a PNG. */
export function writePicture(path: string, jpegPath: string): void {
  const { data, width, height } = jpeg.decode(readFileSync(jpegPath), { formatAsRGBA: true });
  const small = new PNG({ width: Math.floor(width / 3), height: Math.floor(height / 3) });
  const [from, to] = [new Uint32Array(data.buffer, data.byteOffset, width * height), small.data];
  const pixels = new Uint32Array(to.buffer, to.byteOffset, small.width * small.height);
  pixels.forEach((_, i) => {
    const [x, y] = [i % small.width, Math.floor(i / small.width)];
    pixels[i] = from[y * 3 * width + x * 3] as number;
  });
  writeFileSync(path, PNG.sync.write(small));
}

/** A BERT from words to vectors, or to classes, with a tokenizer of a few words. */
export function writeTextModel(folder: string, task: "features" | "classes"): void {
  const special = (id: number) => ({
    ...{ id, content: BERT_WORDS[id], special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  });
  const sequence = (name: "A" | "B", type_id: number) => ({ Sequence: { id: name, type_id } });
  const token = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const single = [token("[CLS]", 0), sequence("A", 0), token("[SEP]", 0)];
  const ids = (name: string) => ({ [name]: { id: name, ids: [BERT_WORDS.indexOf(name)], tokens: [name] } });
  writeFolder(folder, {
    "onnx/model.onnx": bertModel(task),
    "config.json": {
      model_type: "bert",
      architectures: [task === "classes" ? "BertForSequenceClassification" : "BertModel"],
      id2label: numbered(BERT_CLASSES),
    },
    "tokenizer_config.json": {
      ...{ tokenizer_class: "BertTokenizer", do_lower_case: true, model_max_length: 64 },
      ...{
        pad_token: "[PAD]",
        unk_token: "[UNK]",
        cls_token: "[CLS]",
        sep_token: "[SEP]",
        mask_token: "[MASK]",
      },
    },
    "tokenizer.json": {
      ...{ version: "1.0", truncation: null, padding: null, added_tokens: [0, 1, 2, 3, 4].map(special) },
      normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: {
        ...{ type: "TemplateProcessing", single, pair: [...single, sequence("B", 1), token("[SEP]", 1)] },
        special_tokens: { ...ids("[CLS]"), ...ids("[SEP]") },
      },
      decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      model: {
        ...{
          type: "WordPiece",
          unk_token: "[UNK]",
          continuing_subword_prefix: "##",
          max_input_chars_per_word: 100,
        },
        vocab: Object.fromEntries(BERT_WORDS.map((word, i) => [word, i])),
      },
    },
  });
}
