const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** ONNX LSTM, one step, default activations; gates and peephole in ONNX order (i o f c; i o f). */
export function lstm(
  gates: ArrayLike<number>,
  peephole: ArrayLike<number> | undefined,
  cell: ArrayLike<number>,
  batch: number,
  size: number,
): { cell: number[]; hidden: number[] } {
  const result = { cell: [] as number[], hidden: [] as number[] };
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < size; k++) {
      const gate = (index: number): number => gates[n * 4 * size + index * size + k] as number;
      const peep = (index: number): number => (peephole ? (peephole[index * size + k] as number) : 0);
      const before = cell[n * size + k] as number;
      const i = sigmoid(gate(0) + peep(0) * before);
      const f = sigmoid(gate(2) + peep(2) * before);
      const after = f * before + i * Math.tanh(gate(3));
      const o = sigmoid(gate(1) + peep(1) * after);
      result.cell.push(after);
      result.hidden.push(o * Math.tanh(after));
    }
  }
  return result;
}

/** ONNX GRU, one step, given the gates of both sides in the order z r h, linear_before_reset ≠ 0; also z and r ⊙ h. */
export function gru(
  xGates: ArrayLike<number>,
  hGates: ArrayLike<number>,
  hidden: ArrayLike<number>,
  batch: number,
  size: number,
): { z: number[]; reset: number[]; hidden: number[] } {
  const result = { z: [] as number[], reset: [] as number[], hidden: [] as number[] };
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < size; k++) {
      const at = (gates: ArrayLike<number>, index: number): number =>
        gates[n * 3 * size + index * size + k] as number;
      const before = hidden[n * size + k] as number;
      const z = sigmoid(at(xGates, 0) + at(hGates, 0));
      const r = sigmoid(at(xGates, 1) + at(hGates, 1));
      const candidate = Math.tanh(at(xGates, 2) + r * at(hGates, 2));
      result.z.push(z);
      result.reset.push(r * before);
      result.hidden.push((1 - z) * candidate + z * before);
    }
  }
  return result;
}
