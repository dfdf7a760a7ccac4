import { toNumbers } from "../ops/shared/elements.ts";
import type { GradientContext, GradientRule, GradientRules } from "./gradients/define.ts";
import { unaryGradients } from "./gradients/unary.ts";

// Rules that show what a network reacts to rather than how it changes: backward passes through rectifiers in other ways than
// the derivative's. (https://arxiv.org/abs/1412.6806, figure 1, sets them side by side.)

/** Whether a Clip is a rectifier, as ReLU6 is: it cuts at 0. */
const cutsAtZero = ({ node, attributes, constant, x }: GradientContext): boolean => {
  const low = node.opset < 11 ? attributes.min : (data(constant(x(1))) ?? undefined);
  return low === 0;
};

const data = (tensor: ReturnType<GradientContext["constant"]>): unknown =>
  tensor === undefined ? undefined : Number(toNumbers(tensor)[0]);

/** The rules of rectifiers; a Clip that is none keeps its own. */
const ofRectifiers = (rule: (own: GradientRule) => GradientRule): GradientRules => {
  const [relu, clip] = [unaryGradients.Relu as GradientRule, unaryGradients.Clip as GradientRule];
  return { Relu: rule(relu), Clip: (context) => (cutsAtZero(context) ? rule(clip) : clip)(context) };
};

const positive = (context: GradientContext): string => context.emit("Relu", [context.dy() as string]);

/**
 * Guided backpropagation: through a rectifier goes what is positive, where its input was positive, too (Springenberg et al.
 * 2014, https://arxiv.org/abs/1412.6806).
 */
const guidedBackprop: GradientRules = ofRectifiers((own) => (context) => {
  const dy = positive(context);
  return own({ ...context, dy: () => dy });
});

/**
 * The deconvolutional network of Zeiler and Fergus (2013, https://arxiv.org/abs/1311.2901): through a rectifier goes what is
 * positive, whatever its input was. Maxima go back to where they stood (its "switches"), convolutions through their
 * transposes: both are those layers' own gradients.
 */
const deconvnet: GradientRules = ofRectifiers(() => (context) => [positive(context)]);

/** By the name that `gradient` takes. */
export const VISUALISING = { guidedBackprop, deconvnet } as const;
