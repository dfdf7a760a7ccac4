import { expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import type { Dim } from "../../src/graph/graph.ts";
import { type Layer, type Network, network, sequential } from "../../src/nn/index.ts";
import { tensorData } from "../../src/tensor.ts";
import { expectGradients } from "./gradients.ts";
import { expectAgreement, run } from "./run-network.ts";

/** A layer, what it is given, what comes out (both without the batch), and its trainable parameters with their dims. */
export interface LayerCase {
  readonly what: string;
  readonly layer: Layer;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly parameters?: Readonly<Record<string, readonly number[]>>;
}

/** The trainable parameters of a network by name. */
export const parametersOf = ({ graph, trainable }: Network): Record<string, readonly Dim[] | undefined> =>
  Object.fromEntries([...trainable].map((name) => [name, graph.facts.get(name)?.dims]));

/** For each case tests of its dims and parameters, that it runs as onnxruntime runs its file, and of its gradients. */
export function testLayers(cases: readonly LayerCase[]): void {
  const build = (
    { layer, input }: LayerCase,
    weights: "made" | "counted" = "made",
  ): [Network, readonly Dim[]] => {
    let dims: readonly Dim[] = [];
    const made = network({ input, seed: 2, weights }, (x) => {
      const y = layer(x);
      dims = y.dims;
      return y;
    });
    return [made, dims];
  };
  test.each(cases.map((one) => [one.what, one] as const))(
    "%s: dims, parameters, and the same as onnxruntime",
    async (_, one) => {
      const [made, dims] = build(one);
      expect(dims).toEqual(["N", ...one.output]);
      expect(parametersOf(made)).toEqual(one.parameters ?? {});
      const [counted, same] = build(one, "counted");
      expect([parametersOf(counted), same]).toEqual([parametersOf(made), dims]);
      const [y] = await expectAgreement(made, 2);
      expect(y?.dims).toEqual([2, ...one.output]);
    },
  );
  test.each(cases.map((one) => [one.what, one] as const))(
    "%s: gradients agree with finite differences",
    (_, one) => expectGradients(build(one)[0]),
  );
}

/** A layer that must be refused, and what is said. */
export type Refusal = readonly [what: string, layer: Layer, input: readonly Dim[], message: string | RegExp];

export function testRefusals(refusals: readonly Refusal[]): void {
  test.each(refusals)("%s", (_, layer, input, message) => {
    const build = () => sequential({ input }, [layer]);
    expect(build).toThrow(UsageError);
    expect(build).toThrow(message);
  });
}

/** What a layer makes of one sample given in numbers. */
export function valuesOf(layer: Layer, input: readonly number[], values: readonly number[]): number[] {
  const { graph } = sequential({ input }, [layer]);
  const x = tensorData("float32", [1, ...input], Float32Array.from(values));
  return Array.from([...run(graph, x).values()][0]?.data as Float32Array);
}

/** 0, 1, 2, … */
export const counting = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
