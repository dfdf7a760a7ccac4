import { PRODUCT_AT as AT } from "../../ops/quantized/quantized-product.ts";
import { elementCount } from "../../tensor.ts";
import { isConstant } from "../context.ts";
import { i8ConvScratchBytes } from "../contract.ts";
import type { Lowering } from "../lowering.ts";
import { productShape } from "../spatial-shape.ts";
import { quantizedMatrix } from "./packing.ts";
import { inputArguments, isProductLowerable, outputArguments, scaleArguments } from "./products.ts";
import { emitSums } from "./sums.ts";

export const quantizedGemm: Lowering<{ readonly transB: number }, boolean> = {
  name: "i8_conv",
  resolve: isProductLowerable,
  emit(context) {
    const [x, w, y] = [context.input(AT.x), context.input(AT.w), context.output()];
    const k = x.dims.at(-1) as number;
    const n = y.dims.at(-1) as number;
    const m = elementCount(x.dims.slice(0, -1));
    context.call(
      "i8_conv",
      context.struct("SpatialShape", productShape(m, k, n)),
      context.at(x),
      ...inputArguments(context),
      quantizedMatrix(context, w, context.inputs[AT.wZeroPoint], context.attributes.transB !== 0),
      ...scaleArguments(context, n),
      context.at(y),
      ...outputArguments(context, k),
      context.scratch(i8ConvScratchBytes(k) * context.parts),
    );
  },
};

/** MatMulInteger of a constant matrix with one zero point, or one for each column, and one zero point on the left. */
export const matMulInteger: Lowering<unknown, boolean> = {
  name: "i8_conv",
  resolve(site) {
    const [a, b] = [site.input(0), site.input(1)];
    const [, , aZero, bZero] = site.inputs;
    return (
      a.dims.length >= 2 &&
      isConstant(b) &&
      b.dims.length === 2 &&
      (aZero === undefined || elementCount(aZero.dims) === 1) &&
      (bZero === undefined || (isConstant(bZero) && [1, b.dims[1]].includes(elementCount(bZero.dims))))
    );
  },
  emit(context) {
    const [a, b, y] = [context.input(0), context.input(1), context.output()];
    const [k, n] = b.dims as [number, number];
    const m = elementCount(a.dims.slice(0, -1));
    const [, , aZero, bZero] = context.inputs;
    const weights = quantizedMatrix(context, b, bZero, false);
    emitSums(context, productShape(m, k, n), context.at(a), aZero, weights, context.at(y), k);
  },
};
