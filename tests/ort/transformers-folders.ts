import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onnx } from "onnx-proto";
import { model, type NodeSpec, node } from "../support/onnx-model.ts";
import { random } from "../support/random.ts";

/** Writes a model's folder as @huggingface/transformers reads it: files by name, objects as JSON. */
function writeFolder(folder: string, files: Readonly<Record<string, Uint8Array | object>>): void {
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file instanceof Uint8Array ? file : JSON.stringify(file));
  }
}

/** A network from image to classes, of any file, with the names that the pipeline looks for. */
export function writeImageClassifier(folder: string, path: string, classes: number): void {
  const proto = onnx.ModelProto.decode(readFileSync(path));
  const graph = proto.graph as onnx.GraphProto;
  const names = new Map([
    [graph.input[0]?.name, "pixel_values"],
    [graph.output[0]?.name, "logits"],
  ]);
  const renamed = (name: string): string => names.get(name) ?? name;
  for (const value of [...graph.input, ...graph.output]) value.name = renamed(value.name as string);
  for (const one of graph.node) {
    one.input = (one.input as string[]).map(renamed);
    one.output = (one.output as string[]).map(renamed);
  }
  const labels = Array.from({ length: classes }, (_, i) => [i, `class ${i}`]);
  writeFolder(folder, {
    "onnx/model.onnx": new Uint8Array(onnx.ModelProto.encode(proto).finish()),
    "config.json": {
      ...{ model_type: "mobilenet_v2", architectures: ["MobileNetV2ForImageClassification"] },
      id2label: Object.fromEntries(labels),
    },
    "preprocessor_config.json": {
      ...{
        image_processor_type: "MobileNetV2ImageProcessor",
        do_normalize: true,
        do_rescale: true,
        do_resize: true,
      },
      ...{ do_center_crop: true, crop_size: { height: 224, width: 224 }, size: { shortest_edge: 256 } },
      ...{ image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225], resample: 2 },
      rescale_factor: 1 / 255,
    },
  });
}

const WORDS = [
  "[PAD]",
  "[UNK]",
  "[CLS]",
  "[SEP]",
  "[MASK]",
  "the",
  "film",
  "was",
  "good",
  "bad",
  "##ly",
  "made",
  ".",
];
const HIDDEN = 16;
const CLASSES = ["bad", "good"];

/** One layer of attention over embeddings, with weights that a seed fixes; `logits` of the first word where asked for. */
function textModel(classifies: boolean): Uint8Array {
  const { tensor } = random(5);
  const matrix = (rows: number, columns: number) => tensor("float32", [rows, columns], -0.5, 0.5);
  const { data: ones } = tensor("float32", [HIDDEN], 1, 1);
  const ints = (...values: number[]) => ({
    ...{ dtype: "int64" as const, dims: [values.length] },
    data: BigInt64Array.from(values, BigInt),
  });
  const head: NodeSpec[] = [
    node("Gather", ["last_hidden_state", "first"], ["word"], { axis: 1 }),
    node("Squeeze", ["word", "axis"], ["pooled"]),
    node("MatMul", ["pooled", "classes"], ["logits"]),
  ];
  const dims = ["batch_size", "sequence_length"];
  return model({
    inputs: {
      input_ids: { dtype: "int64", dims },
      attention_mask: { dtype: "int64", dims },
      token_type_ids: { dtype: "int64", dims },
    },
    outputs: classifies
      ? { logits: { dtype: "float32", dims: ["batch_size", CLASSES.length] } }
      : { last_hidden_state: { dtype: "float32", dims: [...dims, HIDDEN] } },
    initializers: {
      words: matrix(WORDS.length, HIDDEN),
      types: matrix(2, HIDDEN),
      ...{ q: matrix(HIDDEN, HIDDEN), k: matrix(HIDDEN, HIDDEN), v: matrix(HIDDEN, HIDDEN) },
      scale: { dtype: "float32", dims: [HIDDEN], data: ones },
      one: { dtype: "float32", dims: [], data: Float32Array.of(1) },
      far: { dtype: "float32", dims: [], data: Float32Array.of(-1e4) },
      axis: ints(1),
      ...(classifies && { first: ints(0), classes: matrix(HIDDEN, CLASSES.length) }),
    },
    nodes: [
      node("Gather", ["words", "input_ids"], ["e0"]),
      node("Gather", ["types", "token_type_ids"], ["e1"]),
      node("Add", ["e0", "e1"], ["e2"]),
      node("LayerNormalization", ["e2", "scale"], ["e"]),
      ...["q", "k", "v"].map((name) => node("MatMul", ["e", name], [`e${name}`])),
      node("Transpose", ["ek"], ["kt"], { perm: [0, 2, 1] }),
      node("MatMul", ["eq", "kt"], ["scores"]),
      node("Cast", ["attention_mask"], ["mask"], { to: 1 }),
      node("Sub", ["one", "mask"], ["absent"]),
      node("Mul", ["absent", "far"], ["penalty"]),
      node("Unsqueeze", ["penalty", "axis"], ["penalties"]),
      node("Add", ["scores", "penalties"], ["masked"]),
      node("Softmax", ["masked"], ["weights"], { axis: -1 }),
      node("MatMul", ["weights", "ev"], ["attended"]),
      node("Add", ["attended", "e"], ["last_hidden_state"]),
      ...(classifies ? head : []),
    ],
  });
}

/** A network from words to vectors, or to classes, with a tokenizer of a few words. */
export function writeTextModel(folder: string, task: "features" | "classes"): void {
  const special = (id: number) => ({
    ...{ id, content: WORDS[id], special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  });
  const sequence = (name: "A" | "B", type_id: number) => ({ Sequence: { id: name, type_id } });
  const token = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const single = [token("[CLS]", 0), sequence("A", 0), token("[SEP]", 0)];
  const ids = (name: string) => ({ [name]: { id: name, ids: [WORDS.indexOf(name)], tokens: [name] } });
  writeFolder(folder, {
    "onnx/model.onnx": textModel(task === "classes"),
    "config.json": {
      model_type: "bert",
      architectures: [task === "classes" ? "BertForSequenceClassification" : "BertModel"],
      id2label: Object.fromEntries(CLASSES.map((name, i) => [i, name])),
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
        vocab: Object.fromEntries(WORDS.map((word, i) => [word, i])),
      },
    },
  });
}
