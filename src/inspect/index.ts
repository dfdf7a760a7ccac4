/**
 * What a network sees, and where: explanations of its classes, filters and feature maps as pictures, receptive fields, counts.
 * `docs/inspect.md` tells it in order.
 *
 * @module lanewise/inspect
 */
export type { ExternalData } from "../onnx/external.ts";
export { type ModelNetworkOptions, networkFromModel } from "../train/model-network.ts";
export {
  type ActivationSheetOptions,
  type ActivationsOptions,
  activationSheet,
  activationsOf,
} from "./activations.ts";
export type { BlurOptions } from "./blur.ts";
export { camMap, gradCamMap, gradCamPlusPlusMap } from "./class-activation.ts";
export type { ColorMapName } from "./color-maps.ts";
export { type ConfusionChartOptions, confusionChart } from "./confusion-chart.ts";
export {
  type EffectiveField,
  type EffectiveFieldOptions,
  effectiveField,
} from "./effective-field.ts";
export { type EmbedOptions, embed, layerRows, type Point, type Rows, rowsOf } from "./embed.ts";
export type {
  Attribution,
  Explanation,
  GradCamOptions,
  InspectorOptions,
  IntegratedGradientsOptions,
  SaliencyOptions,
  SmoothGradOptions,
  TargetOptions,
} from "./explanation.ts";
export {
  type EffectiveFieldPictureOptions,
  effectiveFieldPicture,
  receptiveFieldPicture,
} from "./field-picture.ts";
export { type FilterSheetOptions, filterSheet, filtersOf } from "./filters.ts";
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
export { type HistogramChartOptions, histogramChart } from "./histogram-chart.ts";
export { activationHistograms, type Histogram, type HistogramOptions } from "./histograms.ts";
export { type Inspector, inspector } from "./inspector.ts";
export {
  type AscentOptions,
  type AscentStep,
  type Goal,
  type Maximised,
  type MaximiseOptions,
  maximise,
  maximiseEach,
} from "./maximise.ts";
export { type MemoryNeed, networkMemory } from "./memory.ts";
export {
  classEllipses,
  type Ellipse,
  type EllipseOptions,
  type NeighborhoodOptions,
  neighborhoodHit,
} from "./neighborhood.ts";
export {
  type NetworkLayer,
  type NetworkSummary,
  receptiveFieldsOf,
  summarizeNetwork,
} from "./network-summary.ts";
export type { OcclusionOptions } from "./occlusion.ts";
export { type FieldPlace, fieldAt, type PixelBox } from "./pixel-box.ts";
export type { FieldAxis, ReceptiveField } from "./receptive-field.ts";
export { type ScatterOptions, scatterChart } from "./scatter-chart.ts";
export {
  type ClassScore,
  type ClassScores,
  type ConfusionMatrix,
  type ConfusionOptions,
  classScores,
  confusionMatrix,
  confusionOver,
} from "./scores.ts";
export { type TileOptions, tile } from "./sheet.ts";
export type { Layer, Summary } from "./summary.ts";

import { addTraining } from "../train/add-training.ts";

addTraining();
