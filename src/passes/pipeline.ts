import type { Graph } from "../graph/graph.ts";
import { isWork, type Work } from "../interruptible.ts";
import { findDilation } from "./find-dilation.ts";
import { findShuffle } from "./find-shuffle.ts";
import { foldScale } from "./fold-scale.ts";
import { fuseActivation, fuseResidual } from "./fuse-epilogue.ts";
import { fuseGates, fuseMatMulBias, fusePad } from "./fuse-patterns.ts";
import { fuseQuantized } from "./fuse-quantized.ts";
import { inlineIf } from "./inline-if.ts";
import { foldingDequantized, propagatingFacts, propagatingQuantizedFacts } from "./propagate-facts.ts";
import { removeDead } from "./remove-dead.ts";
import { removeIdentity } from "./remove-identity.ts";
import { widenHalf } from "./widen-half.ts";

/** onnxruntime's levels; "layout" and "all" mean the same here. */
export const OPTIMIZATION_LEVELS = ["disabled", "basic", "extended", "layout", "all"] as const;
/**
 * How much a graph is changed before it runs, in onnxruntime's words: "disabled" (no memory is shared either), "basic",
 * "extended", "layout" or "all".
 */
export type OptimizationLevel = (typeof OPTIMIZATION_LEVELS)[number];

export interface Pass {
  readonly name: string;
  /** `maxBytes` is the most that a value made here may take. */
  readonly run: (graph: Graph, maxBytes?: number) => Graph | Work<Graph>;
  /** The lowest level at which it runs. */
  readonly from: OptimizationLevel;
}

/** In order. What runs even when disabled is what planning needs: facts, inlined branches, float32 to compute in. */
export const PASSES: readonly Pass[] = [
  { name: "propagate facts", run: propagatingQuantizedFacts, from: "disabled" },
  { name: "inline If", run: inlineIf, from: "disabled" },
  { name: "widen half precision", run: widenHalf, from: "disabled" },
  { name: "propagate facts", run: propagatingQuantizedFacts, from: "disabled" },
  { name: "fuse quantized", run: fuseQuantized, from: "extended" },
  { name: "fold dequantized", run: foldingDequantized, from: "disabled" },
  { name: "remove identity", run: removeIdentity, from: "basic" },
  { name: "fuse pad", run: fusePad, from: "basic" },
  { name: "fold scale", run: foldScale, from: "basic" },
  { name: "find dilation", run: findDilation, from: "extended" },
  { name: "find shuffle", run: findShuffle, from: "extended" },
  { name: "fuse matmul bias", run: fuseMatMulBias, from: "extended" },
  { name: "fuse gates", run: fuseGates, from: "extended" },
  { name: "fuse residual", run: fuseResidual, from: "extended" },
  { name: "fuse activation", run: fuseActivation, from: "extended" },
  { name: "remove dead", run: removeDead, from: "disabled" },
  { name: "propagate facts", run: propagatingFacts, from: "disabled" },
];

export const atLeast = (level: OptimizationLevel, from: OptimizationLevel): boolean =>
  OPTIMIZATION_LEVELS.indexOf(level) >= OPTIMIZATION_LEVELS.indexOf(from);

/** Runs the passes of a level; `verify` looks at the graph after each and is told which that was. */
export function* optimizing(
  graph: Graph,
  level: OptimizationLevel,
  verify?: (graph: Graph, label: string) => void,
  maxBytes?: number,
): Work<Graph> {
  let current = graph;
  for (const pass of PASSES) {
    if (!atLeast(level, pass.from)) continue;
    yield;
    const result = pass.run(current, maxBytes);
    current = isWork(result) ? yield* result : result;
    verify?.(current, `after "${pass.name}"`);
  }
  return current;
}
