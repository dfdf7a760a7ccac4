import { InternalError } from "../../errors.ts";
/** How an axis is resized; the words are the attributes of https://onnx.ai/onnx/operators/onnx__Resize.html. */
export interface ResizeRule {
  readonly mode: string;
  readonly coordinateTransformationMode: string;
  /** `simple` is what there was before opset 11: up cuts, down rounds up. */
  readonly nearestMode: string;
  readonly cubicCoeffA: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

/** One axis: sizes, scale (output / input), and the region of interest of tf_crop_and_resize. */
export interface ResizeAxis {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  readonly roi: readonly [number, number];
}

/** For every output index `taps` source indices with their weights, and whether it lies outside the input. */
export interface ResizeTable {
  readonly taps: number;
  readonly index: Int32Array;
  readonly weight: Float64Array;
  readonly outside: Uint8Array;
}

const f = Math.fround;

/** How near to a half counts as one: what float32 loses at small coordinates, and what onnxruntime allows for. */
const TIE = 1e-6;

/** Where output index `i` lies on the input axis, in float32 as onnxruntime computes it: nearest modes hang on it. */
function sourceCoordinate(mode: string, axis: ResizeAxis, i: number): number {
  const { input, output, scale, roi } = axis;
  switch (mode) {
    case "asymmetric":
      return f(i / scale);
    case "half_pixel":
      return f(f((i + 0.5) / scale) - 0.5);
    case "pytorch_half_pixel":
      return output > 1 ? f(f((i + 0.5) / scale) - 0.5) : 0;
    case "tf_half_pixel_for_nn":
      return f((i + 0.5) / scale);
    case "align_corners":
      return output === 1 ? 0 : f(f(i * (input - 1)) / (output - 1));
    case "half_pixel_symmetric": {
      const adjustment = f(output / f(scale * input));
      const offset = f(f(input / 2) * f(1 - adjustment));
      return f(f(offset + f((i + 0.5) / scale)) - 0.5);
    }
    case "tf_crop_and_resize": {
      const [start, end] = roi;
      if (output === 1) return f(0.5 * f(start + end) * (input - 1));
      return f(f(start * (input - 1)) + f(f(i * f(end - start)) * (input - 1)) / (output - 1));
    }
    default:
      throw new InternalError(`unknown coordinate_transformation_mode ${mode}`);
  }
}

function nearest(mode: string, x: number, shrinks: boolean): number {
  switch (mode) {
    case "simple":
      return shrinks ? Math.ceil(x) : Math.trunc(x);
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
    case "round_prefer_ceil":
      return Math.floor(x + 0.5 + TIE);
    case "round_prefer_floor":
      return Math.ceil(x - 0.5 - TIE);
    default:
      throw new InternalError(`unknown nearest_mode ${mode}`);
  }
}

const triangle = (distance: number): number => Math.max(0, 1 - Math.abs(distance));

/** The cubic convolution kernel of Keys, 1981. */
export function cubicWeight(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

/** The axis's table: what `evaluate` and the kernels both read. */
export function resizeTable(rule: ResizeRule, axis: ResizeAxis): ResizeTable {
  const { input, output, scale } = axis;
  const { mode, coordinateTransformationMode } = rule;
  const last = input - 1;
  const stretch = rule.antialias ? Math.min(1, scale) : 1;
  const radius = mode === "nearest" ? 0 : (mode === "linear" ? 1 : 2) / stretch;
  const taps = mode === "nearest" ? 1 : 2 * Math.ceil(radius);
  const index = new Int32Array(output * taps);
  const weight = new Float64Array(output * taps);
  const outside = new Uint8Array(output);
  for (let i = 0; i < output; i++) {
    const x = sourceCoordinate(coordinateTransformationMode, axis, i);
    if (coordinateTransformationMode === "tf_crop_and_resize" && (x < 0 || x > last)) outside[i] = 1;
    if (mode === "nearest") {
      index[i] = Math.max(0, Math.min(last, nearest(rule.nearestMode, x, scale < 1)));
      weight[i] = 1;
      continue;
    }
    const first = Math.floor(x) - taps / 2 + 1;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const at = first + tap;
      const distance = (at - x) * stretch;
      let w = mode === "linear" ? triangle(distance) : cubicWeight(distance, rule.cubicCoeffA);
      if (rule.excludeOutside && (at < 0 || at > last)) w = 0;
      index[i * taps + tap] = Math.max(0, Math.min(last, at));
      weight[i * taps + tap] = w;
      sum += w;
    }
    for (let tap = 0; tap < taps; tap++) weight[i * taps + tap] = (weight[i * taps + tap] as number) / sum;
  }
  return { taps, index, weight, outside };
}
