import { oneOf } from "../../arguments.ts";
import { tensorData } from "../../tensor.ts";
import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";
import { imageDims, type Pair, pairOf } from "./window.ts";

/** What `upsample2d` takes. */
export interface Upsample2dOptions extends LayerOptions {
  /** How many times as high and wide the image becomes: whole numbers. */
  readonly scale: Pair;
  /**
   * "nearest" (the default) makes a block of every pixel; "linear" puts straight lines between the middles of pixels
   * (PyTorch's bilinear without align_corners).
   */
  readonly mode?: "nearest" | "linear";
}

/** An image at a multiple of its size. */
export const upsample2d = (options: Upsample2dOptions): Layer =>
  defineLayer("upsample2d", options, (scope, x) => {
    imageDims(scope, x);
    const factors = pairOf(scope, "scale", options.scale, 1);
    const mode = oneOf(`${scope.name}: mode`, options.mode ?? "nearest", ["nearest", "linear"]);
    const scales = scope.fixed("scales", tensorData("float32", [4], Float32Array.of(1, 1, ...factors)));
    return scope.node(
      "Resize",
      [x.name, "", scales],
      mode === "linear"
        ? { mode, coordinateTransformationMode: "half_pixel" }
        : { mode, coordinateTransformationMode: "asymmetric", nearestMode: "floor" },
    );
  });
