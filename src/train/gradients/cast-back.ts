import { dtypeInfo, isFloat } from "../../dtype.ts";
import type { GradientContext } from "./define.ts";

/** The gradient of a cast between floats; others change in steps. */
export function castBack(context: GradientContext): readonly (string | undefined)[] {
  const [from, to] = [context.dtype(context.x()), context.dtype(context.y())];
  if (!isFloat(from) || !isFloat(to)) return [];
  return [context.emit("Cast", [context.dy() as string], { to: dtypeInfo[from].onnx })];
}
