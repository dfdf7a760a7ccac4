import { float } from "../../support/onnx-model.ts";
import type { Random } from "../../support/random.ts";
import {
  broadcastable,
  caseOf,
  type Draw,
  type Draws,
  dims,
  mostly,
  opset,
  perhaps,
  summed,
} from "./draw.ts";

const side = (random: Random): number =>
  random.chance(0.03) ? 0 : random.chance(0.2) ? random.whole(6, 40) : random.whole(1, 5);

/** Dims of two operands of a matrix product, by the rules of numpy.matmul. */
export function factors(random: Random): [number[], number[]] {
  const [m, k, n] = [side(random), side(random), side(random)];
  const outer = dims(random, 0, 2).map((dim) => Math.min(Math.max(dim, 1), 4));
  const a = random.chance(0.1) ? [k] : [...broadcastable(random, outer), m, k];
  const b = random.chance(0.1) ? [k] : [...broadcastable(random, outer), k, n];
  return [a, b];
}

const matMul: Draw = (random) => {
  const dtype = mostly(random, ["float64", "int32", "int64", "uint32", "uint64", "float16"], 0.7);
  const [a, b] = factors(random);
  const low = dtype.startsWith("u") ? 0 : -3;
  return caseOf(
    "MatMul",
    [random.tensor(dtype, a, low, 3), random.tensor(dtype, b, low, 3)],
    {},
    {
      opset: opset(random, "MatMul"),
      tolerance: summed(dtype),
    },
  );
};

const gemm: Draw = (random) => {
  const version = opset(random, "Gemm");
  const dtype = mostly(random, ["float64", "float16"], 0.85);
  const [m, k, n] = [side(random), side(random), side(random)];
  const [transA, transB] = [perhaps(random, [0, 1]), perhaps(random, [0, 1])];
  const c =
    version < 11 || random.chance(0.7) ? random.tensor(dtype, broadcastable(random, [m, n])) : undefined;
  return caseOf(
    "Gemm",
    [
      random.tensor(dtype, transA === 1 ? [k, m] : [m, k]),
      random.tensor(dtype, transB === 1 ? [n, k] : [k, n]),
      c,
    ],
    {
      transA,
      transB,
      alpha: perhaps(random, [float(0.5), float(-1.5), float(0)], 0.4),
      beta: perhaps(random, [float(0.5), float(-1.5), float(0)], 0.4),
    },
    { opset: version, tolerance: summed(dtype) },
  );
};

/** A term of letters, some of them twice, and at times an ellipsis somewhere among them. */
const einsum: Draw = (random) => {
  const letters = random.shuffle([..."abcdij"]).slice(0, random.whole(1, 5));
  const sizes = new Map(letters.map((letter) => [letter, random.whole(1, 4)]));
  const shared = random.chance(0.3)
    ? dims(random, 1, 2).map((dim) => Math.min(Math.max(dim, 1), 4))
    : undefined;
  const operands = Array.from({ length: random.whole(1, 3) }, () => {
    const term = random.shuffle(letters).slice(0, random.whole(shared ? 0 : 1, Math.min(3, letters.length)));
    if (term.length > 0 && random.chance(0.1)) term.push(term[0] as string);
    const at = random.whole(0, term.length);
    // Ellipses of different rank bring onnxruntime down.
    const outer = shared?.map((dim) => (random.chance(0.25) ? 1 : dim));
    return {
      term: shared ? [...term.slice(0, at), "...", ...term.slice(at)] : term,
      of: [...term.slice(0, at), ...(outer ? [outer] : []), ...term.slice(at)].flatMap((one) =>
        typeof one === "string" ? [sizes.get(one) as number] : one,
      ),
    };
  });
  const used = [...new Set(operands.flatMap(({ term }) => term))].filter((one) => one !== "...");
  const kept = random.shuffle(used).slice(0, random.whole(0, used.length));
  const result = random.chance(0.3) ? "" : `->${shared ? "..." : ""}${kept.join("")}`;
  const gap = random.chance(0.2) ? " " : "";
  const equation = `${operands.map(({ term }) => term.join(gap)).join(`,${gap}`)}${result}`;
  const dtype = mostly(random, ["float64", "int32", "int64"], 0.8);
  return caseOf(
    "Einsum",
    operands.map(({ of }) => random.tensor(dtype, of, -2, 2)),
    { equation },
    {
      opset: opset(random, "Einsum"),
      tolerance: summed(dtype),
    },
  );
};

const det: Draw = (random) => {
  const n = random.whole(1, 5);
  const outer = dims(random, 0, 2).map((dim) => Math.max(dim, 1));
  return caseOf(
    "Det",
    [random.tensor("float32", [...outer, n, n], -2, 2)],
    {},
    {
      opset: opset(random, "Det"),
      tolerance: { rtol: 1e-3, atol: 1e-4 },
    },
  );
};

export const draws: Draws = { Det: det, Einsum: einsum, Gemm: gemm, MatMul: matMul };
