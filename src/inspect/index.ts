/** lanewise/inspect: what a network sees, and where. */
export { camMap, gradCamMap, gradCamPlusPlusMap } from "./class-activation.ts";
export type { ColorMapName } from "./color-maps.ts";
export {
  type Heatmap,
  type HeatmapRange,
  type OverlayOptions,
  overlay,
  type PaintOptions,
  paint,
  peakOf,
  planeOf,
  resizeHeatmap,
} from "./heatmap.ts";
export {
  type Attribution,
  type Explanation,
  type GradCamOptions,
  type Inspector,
  type InspectorOptions,
  type IntegratedGradientsOptions,
  inspector,
  type SaliencyOptions,
  type SmoothGradOptions,
  type TargetOptions,
} from "./inspector.ts";
export { type NetworkLayer, type NetworkSummary, summarizeNetwork } from "./network-summary.ts";
export type { OcclusionOptions } from "./occlusion.ts";
export { type FieldAxis, type ReceptiveField, receptiveFields } from "./receptive-field.ts";
export { type TileOptions, tile } from "./sheet.ts";
export { type Layer, type Summary, summarize } from "./summary.ts";

import { addTraining } from "../train/add-training.ts";

addTraining();
