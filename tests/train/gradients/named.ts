import type { GradientCase } from "./harness.ts";

/** A case with a title of its own, as test.each takes it. */
export function named(test: GradientCase): [string, GradientCase] {
  const dims = test.inputs.map((given) => (given !== undefined && "dims" in given ? `[${given.dims}]` : "–"));
  const attributes = test.attributes === undefined ? "" : ` ${JSON.stringify(test.attributes)}`;
  const opset = test.opset ? ` opset ${test.opset}` : "";
  const outputs = test.lossOf ? ` outputs ${test.lossOf}` : "";
  return [`${test.op} ${dims.join(" ")}${attributes}${opset}${outputs}`, test];
}
