import type { Composer } from "../composing.ts";

type Emitting = Pick<Composer<never>, "emit" | "constant" | "fail">;

/** An activation by its ONNX name after a value, with its parameters in the order of onnxruntime's fusions. */
export function composeActivation(
  { emit, constant, fail }: Emitting,
  activation: string,
  x: string,
  parameters: readonly (number | undefined)[],
): string {
  const [alpha, beta] = parameters;
  const given = { ...(alpha !== undefined && { alpha }), ...(beta !== undefined && { beta }) };
  switch (activation) {
    case "":
      return x;
    case "Relu":
    case "Sigmoid":
    case "Tanh":
    case "HardSwish":
    case "Softplus":
    case "Softsign":
      return emit(activation, [x]);
    case "LeakyRelu":
    case "Elu":
    case "HardSigmoid":
      return emit(activation, [x], given);
    case "Clip":
      return emit("Clip", [x, scalar(alpha), scalar(beta)]);
    default:
      return fail(`the activation ${JSON.stringify(activation)} is not known`);
  }

  function scalar(value: number | undefined): string {
    return value === undefined ? "" : constant({ dtype: "float32", dims: [], data: Float32Array.of(value) });
  }
}
