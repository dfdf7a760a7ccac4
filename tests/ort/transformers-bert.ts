import type { TensorData } from "../../src/tensor.ts";
import { model, type NodeSpec, node } from "../support/onnx-model.ts";
import { type Random, random } from "../support/random.ts";

// A BERT with all that one has, and small: two layers of two heads, with weights that a seed fixes.

export const BERT_WORDS = [
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

export const BERT_CLASSES = ["bad", "good"];

const LAYERS = 2;
const HEADS = 2;
const HIDDEN = 32;
const INTERMEDIATE = 64;
const POSITIONS = 64;

const ints = (...values: number[]): TensorData => ({
  ...{ dtype: "int64", dims: [values.length] },
  data: BigInt64Array.from(values, BigInt),
});
const scalar = (value: number): TensorData => ({
  ...{ dtype: "float32", dims: [] },
  data: Float32Array.of(value),
});
const index = (value: number): TensorData => ({ ...ints(value), dims: [] });

/** Nodes and weights as they come to be added; values go by names. */
interface Bert {
  readonly nodes: NodeSpec[];
  readonly initializers: Record<string, TensorData>;
  readonly random: Random;
}

function add(
  bert: Bert,
  op: string,
  inputs: readonly string[],
  output: string,
  attributes?: NodeSpec["attributes"],
): string {
  bert.nodes.push(node(op, inputs, [output], attributes));
  return output;
}

function constant(bert: Bert, name: string, value: TensorData): string {
  bert.initializers[name] = value;
  return name;
}

function weight(bert: Bert, name: string, dims: readonly number[], [low, high] = [-0.3, 0.3]): string {
  return constant(bert, name, bert.random.tensor("float32", dims, low, high));
}

function linear(bert: Bert, x: string, name: string, from: number, to: number): string {
  const product = add(bert, "MatMul", [x, weight(bert, `${name}.weight`, [from, to])], `${name}.product`);
  return add(bert, "Add", [product, weight(bert, `${name}.bias`, [to])], name);
}

function norm(bert: Bert, x: string, name: string): string {
  const scale = weight(bert, `${name}.scale`, [HIDDEN], [0.8, 1.2]);
  return add(bert, "LayerNormalization", [x, scale, weight(bert, `${name}.bias`, [HIDDEN])], name, {
    axis: -1,
    epsilon: 1e-12,
  });
}

function gelu(bert: Bert, x: string): string {
  const bent = add(bert, "Erf", [add(bert, "Div", [x, "root2"], `${x}.scaled`)], `${x}.erf`);
  const halved = add(bert, "Mul", [x, "half"], `${x}.half`);
  return add(bert, "Mul", [halved, add(bert, "Add", [bent, "one"], `${x}.gate`)], `${x}.gelu`);
}

/** [batch, sequence, hidden] as [batch, head, sequence, width] by the default. */
function heads(bert: Bert, x: string, perm = [0, 2, 1, 3]): string {
  return add(bert, "Transpose", [add(bert, "Reshape", [x, "split"], `${x}.split`)], `${x}.heads`, { perm });
}

function attention(bert: Bert, x: string, name: string): string {
  const [query, key, value] = ["query", "key", "value"].map((part) =>
    linear(bert, x, `${name}.${part}`, HIDDEN, HIDDEN),
  ) as [string, string, string];
  const products = add(
    bert,
    "MatMul",
    [heads(bert, query), heads(bert, key, [0, 2, 3, 1])],
    `${name}.products`,
  );
  const scores = add(bert, "Div", [products, "width"], `${name}.scores`);
  const shares = add(
    bert,
    "Softmax",
    [add(bert, "Add", [scores, "penalty"], `${name}.seen`)],
    `${name}.shares`,
    {
      axis: -1,
    },
  );
  const context = add(bert, "MatMul", [shares, heads(bert, value)], `${name}.context`);
  const ordered = add(bert, "Transpose", [context], `${name}.ordered`, { perm: [0, 2, 1, 3] });
  return linear(bert, add(bert, "Reshape", [ordered, "joined"], `${name}.joined`), name, HIDDEN, HIDDEN);
}

function layer(bert: Bert, x: string, name: string, output: string): string {
  const attended = add(bert, "Add", [attention(bert, x, `${name}.attention`), x], `${name}.sum0`);
  const middle = norm(bert, attended, `${name}.norm0`);
  const wide = gelu(bert, linear(bert, middle, `${name}.wide`, HIDDEN, INTERMEDIATE));
  const narrow = linear(bert, wide, `${name}.narrow`, INTERMEDIATE, HIDDEN);
  return norm(bert, add(bert, "Add", [narrow, middle], `${name}.sum1`), output);
}

/** Words, places and kinds of sentences, summed and normalised. */
function embeddings(bert: Bert): string {
  const found = (table: string, rows: number, ids: string): string =>
    add(bert, "Gather", [weight(bert, `${table}.table`, [rows, HIDDEN]), ids], table);
  const length = add(bert, "Gather", [add(bert, "Shape", ["input_ids"], "shape"), "i1"], "length");
  const places = add(bert, "Range", ["i0", length, "i1"], "places");
  const kinds = add(
    bert,
    "Add",
    [found("words", BERT_WORDS.length, "input_ids"), found("kinds", 2, "token_type_ids")],
    "words.kinds",
  );
  return norm(bert, add(bert, "Add", [kinds, found("places.rows", POSITIONS, places)], "embedded"), "hidden");
}

/** From words to the last layer's vectors, or by the first word's, pooled, to classes. */
export function bertModel(task: "features" | "classes"): Uint8Array {
  const bert: Bert = { nodes: [], initializers: {}, random: random(5) };
  for (const [name, value] of Object.entries({
    ...{ one: scalar(1), half: scalar(0.5), root2: scalar(Math.SQRT2), far: scalar(-1e4) },
    ...{ width: scalar(Math.sqrt(HIDDEN / HEADS)), i0: index(0), i1: index(1), axes: ints(1, 2) },
    ...{ split: ints(0, 0, HEADS, HIDDEN / HEADS), joined: ints(0, 0, HIDDEN) },
  }))
    constant(bert, name, value);
  let hidden = embeddings(bert);
  const mask = add(bert, "Cast", ["attention_mask"], "mask", { to: 1 });
  const absent = add(bert, "Mul", [add(bert, "Sub", ["one", mask], "absent"), "far"], "absent.far");
  add(bert, "Unsqueeze", [absent, "axes"], "penalty");
  for (let i = 0; i < LAYERS; i++)
    hidden = layer(bert, hidden, `layer${i}`, i === LAYERS - 1 ? "last_hidden_state" : `layer${i}`);
  if (task === "classes") {
    const first = add(bert, "Gather", [hidden, "i0"], "first", { axis: 1 });
    const pooled = add(bert, "Tanh", [linear(bert, first, "pooler", HIDDEN, HIDDEN)], "pooled");
    linear(bert, pooled, "logits", HIDDEN, BERT_CLASSES.length);
  }
  const dims = ["batch_size", "sequence_length"];
  const ids = { dtype: "int64", dims } as const;
  return model({
    inputs: { input_ids: ids, attention_mask: ids, token_type_ids: ids },
    outputs:
      task === "classes"
        ? { logits: { dtype: "float32", dims: ["batch_size", BERT_CLASSES.length] } }
        : { last_hidden_state: { dtype: "float32", dims: [...dims, HIDDEN] } },
    initializers: bert.initializers,
    nodes: bert.nodes,
  });
}
