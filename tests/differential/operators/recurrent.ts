import { float } from "../../support/onnx-model.ts";
import { type Case, grid, numbers, operatorCase, source } from "./case.ts";

const random = source("recurrent");
const f = (...dims: number[]) => random.tensor("float32", dims, -0.7, 0.7);
const GATES: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN: 1 };

/** x, w, r and, where asked for, the rest. */
function inputsOf(
  op: string,
  { ways = 1, hidden = 3, bias = true, lens = false, state = false, peephole = false, layout = 0 },
) {
  const [seq, batch, size] = [4, 2, 5];
  const gates = (GATES[op] as number) * hidden;
  const initial = state ? f(...(layout === 1 ? [batch, ways, hidden] : [ways, batch, hidden])) : undefined;
  const inputs = [
    f(...(layout === 1 ? [batch, seq, size] : [seq, batch, size])),
    f(ways, gates, size),
    f(ways, gates, hidden),
    bias ? f(ways, 2 * gates) : undefined,
    lens ? numbers("int32", [2], [4, 2]) : undefined,
    initial,
  ];
  if (op === "LSTM") inputs.push(initial, peephole ? f(ways, 3 * hidden) : undefined);
  while (inputs.at(-1) === undefined) inputs.pop();
  return inputs;
}

export function cases(): Case[] {
  const list: Case[] = [];
  for (const op of ["LSTM", "GRU", "RNN"]) {
    const outputs = op === "LSTM" ? 3 : 2;
    for (const { direction, bias, lens, state, hidden } of grid({
      direction: ["forward", "reverse", "bidirectional"],
      bias: [true, false],
      lens: [true, false],
      state: [true, false],
      hidden: [1, 3, 9],
    })) {
      const ways = direction === "bidirectional" ? 2 : 1;
      const inputs = inputsOf(op, { ways, hidden, bias, lens, state });
      list.push(
        operatorCase(
          op,
          inputs,
          { hidden_size: hidden, direction },
          { outputs, opset: hidden === 3 ? 14 : 7 },
        ),
      );
    }
    const plain = inputsOf(op, {});
    const activations: Readonly<Record<string, string[][]>> = {
      LSTM: [
        ["Sigmoid", "Tanh", "Relu"],
        ["HardSigmoid", "Tanh", "Tanh"],
        ["Sigmoid", "Softsign", "Tanh"],
      ],
      GRU: [
        ["Sigmoid", "Relu"],
        ["HardSigmoid", "Tanh"],
        ["Sigmoid", "Softplus"],
      ],
      RNN: [["Relu"], ["Sigmoid"], ["Affine"], ["LeakyRelu"], ["ThresholdedRelu"], ["ScaledTanh"], ["Elu"]],
    };
    for (const names of activations[op] ?? [])
      list.push(operatorCase(op, plain, { hidden_size: 3, activations: names }, { outputs }));
    list.push(operatorCase(op, plain, { hidden_size: 3, clip: float(0.3) }, { outputs }));
    list.push(operatorCase(op, plain, { hidden_size: 3 }, { outputs: ["", "h"] }));
    list.push(operatorCase(op, plain, { hidden_size: 3 }, { outputs: ["y"] }));
    list.push(
      operatorCase(
        op,
        inputsOf(op, { layout: 1, state: true }),
        { hidden_size: 3, layout: 1 },
        { outputs, opset: 14 },
      ),
    );
    list.push(
      operatorCase(
        op,
        inputsOf(op, { ways: 2 }),
        {
          hidden_size: 3,
          direction: "bidirectional",
          activations: (activations[op]?.[0] ?? []).concat(activations[op]?.[1] ?? []),
        },
        { outputs },
      ),
    );
  }
  list.push(
    operatorCase(
      "LSTM",
      inputsOf("LSTM", { peephole: true, state: true }),
      { hidden_size: 3 },
      { outputs: 3 },
    ),
  );
  list.push(
    operatorCase(
      "LSTM",
      inputsOf("LSTM", { peephole: true, ways: 2 }),
      { hidden_size: 3, direction: "bidirectional" },
      { outputs: 3 },
    ),
  );
  list.push(operatorCase("LSTM", inputsOf("LSTM", {}), { hidden_size: 3, input_forget: 1 }, { outputs: 3 }));
  list.push(
    operatorCase("GRU", inputsOf("GRU", {}), { hidden_size: 3, linear_before_reset: 1 }, { outputs: 2 }),
  );
  list.push(
    operatorCase(
      "GRU",
      inputsOf("GRU", { ways: 2, lens: true, state: true }),
      { hidden_size: 3, linear_before_reset: 1, direction: "bidirectional" },
      { outputs: 2 },
    ),
  );
  list.push(
    operatorCase(
      "RNN",
      inputsOf("RNN", {}),
      {
        hidden_size: 3,
        activations: ["Affine"],
        activation_alpha: float([0.5]),
        activation_beta: float([0.1]),
      },
      { outputs: 2 },
    ),
  );
  return list;
}
