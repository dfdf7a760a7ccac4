import type { Tensor } from "../tensor.ts";
import type { GradientOptions } from "../train/gradient.ts";
import type { Heatmap } from "./heatmap.ts";

/** What an inspector runs on, and what it asks about. */
export interface InspectorOptions
  extends Pick<GradientOptions, "simd" | "threads" | "threading" | "winograd" | "maxMemoryBytes"> {
  /** The value that has the classes' scores; by default the output or, before a softmax, what goes into it. */
  readonly scores?: string;
}

/** What is explained. */
export interface TargetOptions {
  /** The class to explain: its place among the scores of one picture. By default the greatest score's. */
  readonly target?: number;
}

/** What `saliency` takes. */
export interface SaliencyOptions extends TargetOptions {
  /** How the way back leads through rectifiers; the derivative by default. */
  readonly rules?: "derivative" | "guidedBackprop" | "deconvnet";
}

/** What `smoothGrad` takes. */
export interface SmoothGradOptions extends SaliencyOptions {
  /** Noisy copies whose gradients are averaged, 10,000 at most; 25 by default. */
  readonly samples?: number;
  /** Standard deviation of the noise, as a share of the picture's range; 0.15 by default. */
  readonly noise?: number;
  /** The noise follows from it; 0 by default. */
  readonly seed?: number;
}

/** What `integratedGradients` takes. */
export interface IntegratedGradientsOptions extends TargetOptions {
  /** Where the way to the picture begins; a picture of zeros by default. */
  readonly baseline?: Tensor;
  /** Points on the way, 10,000 at most; 50 by default. */
  readonly steps?: number;
}

/** What `gradCam` takes. */
export interface GradCamOptions extends TargetOptions {
  /** The feature maps, by the name of their value; by default the last ones before the scores. Their channels may be last. */
  readonly layer?: string;
  /** "gradCam" by default. */
  readonly method?: "gradCam" | "gradCamPlusPlus";
}

/** What speaks for a class, and which class and score that was. */
export interface Explanation {
  /** Place by place of the picture, or, of feature maps, of theirs. */
  readonly map: Heatmap;
  /** The class that was explained. */
  readonly target: number;
  /** Its score. */
  readonly score: number;
}

/** An explanation by numbers of the input's own dims. */
export interface Attribution extends Explanation {
  /** The numbers. */
  readonly values: Tensor;
}
