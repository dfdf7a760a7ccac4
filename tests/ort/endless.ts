import { model, node } from "../support/onnx-model.ts";

/** Adds x to itself until `go` is false, which it never becomes: only from outside can that end. */
export const endlessModel = (): Uint8Array =>
  model({
    inputs: { x: { dtype: "float32", dims: [1] }, go: { dtype: "bool", dims: [] } },
    outputs: { y: { dtype: "float32", dims: [1] } },
    nodes: [
      node("Loop", ["", "go", "x"], ["y"], {
        body: {
          inputs: {
            i: { dtype: "int64", dims: [] },
            c: { dtype: "bool", dims: [] },
            s: { dtype: "float32", dims: [1] },
          },
          nodes: [node("Add", ["s", "s"], ["t"])],
          outputs: ["c", "t"],
        },
      }),
    ],
  });
