import { expect, test } from "vitest";
import { compile, prepare } from "../../src/compile.ts";
import { execute } from "../../src/execute.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import type { TensorData } from "../../src/tensor.ts";
import { difference } from "../support/compare.ts";
import { random } from "../support/random.ts";

test.each(["plain", "relaxed"] as const)(
  "weights that are states run by Winograd's algorithm, %s",
  (simd) => {
    const b = graphBuilder({ name: "net" });
    b.input("x", "float32", [3, 9, 14, 15]);
    b.input("w", "float32", [10, 9, 3, 3]);
    b.output(b.node("Conv", ["x", "w"], { pads: [1, 1, 1, 1] }));
    const graph = { ...b.finish(), states: [{ input: "w" }] };
    const options = { level: "all", verify: verifyGraph } as const;
    const stage = compile(prepare(graph, options), new Map(), options);
    const kernels = stage.plan.steps.map((step) => (step.kind === "kernel" ? step.kernel : step.op));
    expect(kernels).toContain("f32_winograd_weights");
    const draw = random(1);
    const [x, w] = [draw.tensor("float32", [3, 9, 14, 15]), draw.tensor("float32", [10, 9, 3, 3])];
    const executor = createExecutor(simd);
    executor.setState("w", w);
    const [y] = execute(executor, stage, new Map([["x", x]]), graph.outputs, options) as TensorData[];
    const [wanted] = interpret(graph, [x, w]) as TensorData[];
    const tolerance = { rtol: 3e-5, atol: 3e-5 };
    expect(difference(y as TensorData, wanted as TensorData, tolerance)).toBeUndefined();
  },
);
