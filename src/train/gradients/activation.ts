import type { ActivationKind } from "../../ops/train/activation-gradient.ts";
import type { GradientContext } from "./define.ts";

/** The rule of an activation that `lanewise:ActivationGradient` knows; `at` says what it looks at. */
export const activation =
  (
    kind: ActivationKind,
    at: "x" | "y",
    parameters: (attributes: GradientContext["attributes"]) => { alpha?: number; beta?: number } = () => ({}),
  ) =>
  (context: GradientContext): readonly string[] => [
    context.emit(
      "lanewise:ActivationGradient",
      [context.dy() as string, at === "x" ? context.x() : context.y()],
      { kind, ...parameters(context.attributes) },
    ),
  ];
