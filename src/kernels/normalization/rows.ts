// Runs of elements brought to mean 0 and variance 1, then scaled and shifted.
import { normalizeAxis } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { type Address, asFloat } from "../arguments.ts";
import type { LowerContext } from "../context.ts";
import { follow } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import type { Known } from "../site.ts";

/** Whether the value is a float32 vector of so many elements, as kernels take scales and shifts; one left out is fine. */
const isVector = (value: Known | undefined, count: number): boolean =>
  value === undefined || (value.fact.dtype === "float32" && elementCount(value.dims) === count);

const isFloat32 = ({ fact }: Known): boolean => fact.dtype === "float32";

/** Where x, its scale and its shift are, by whatever names the operator has them. */
const addresses = (context: LowerContext<unknown>) =>
  context.inputs.map((input) => context.at(input)) as [Address, Address, Address?];

interface Epsilon {
  readonly epsilon: number;
}

export const instanceNorm: Lowering<Epsilon, boolean> = {
  name: "instance_norm",
  resolve(site) {
    const channels = site.input(0).dims[1] as number;
    return isFloat32(site.input(0)) && [1, 2].every((i) => isVector(site.input(i), channels));
  },
  layouts: follow,
  apart: () => true,
  emit(context) {
    const [x, y] = [context.input(0), context.output()];
    const [from, scale, shift = 0] = addresses(context);
    const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
    const [to, plane] = [context.at(y), elementCount(spatial)];
    const epsilon = asFloat(context.attributes.epsilon);
    if (x.layout === "channelsLast") {
      const sizes = [batch, plane, channels, epsilon] as const;
      context.call("f32_instance_norm", from, x.pixelStride, scale, shift, to, y.pixelStride, ...sizes);
    } else {
      const sizes = [batch * channels, plane, channels, epsilon] as const;
      context.call("f32_instance_norm_rows", from, scale, shift, to, ...sizes);
    }
  },
};

/** Parameters are by group before opset 21 and by channel since. */
export const groupNorm: Lowering<Epsilon & { readonly numGroups: number }, boolean> = {
  name: "instance_norm_rows",
  resolve(site) {
    const parameters = site.opset < 21 ? site.attributes.numGroups : (site.input(0).dims[1] as number);
    return isFloat32(site.input(0)) && [1, 2].every((i) => isVector(site.input(i), parameters));
  },
  emit(context) {
    const [x, y] = [context.input(0), context.output()];
    const { epsilon, numGroups } = context.attributes;
    const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
    const plane = elementCount(spatial);
    const [from, scale, shift = 0] = addresses(context);
    const to = context.at(y);
    const sizes = [batch * numGroups, (channels / numGroups) * plane, numGroups, asFloat(epsilon)] as const;
    if (context.opset < 21) {
      context.call("f32_instance_norm_rows", from, scale, shift, to, ...sizes);
    } else {
      context.call("f32_instance_norm_rows", from, 0, 0, to, ...sizes);
      const rows = [to, batch * channels, plane, channels, 0, 0, 0] as const;
      context.call("f32_scale_shift_rows", to, 0, scale, shift, ...rows);
    }
  },
};

/** How many runs there are, and how long they are. */
const rowsOf = (dims: readonly number[], axis: number): [number, number] => {
  const at = normalizeAxis(axis, dims.length);
  return [elementCount(dims.slice(0, at)), elementCount(dims.slice(at))];
};

export const layerNorm: Lowering<Epsilon & { readonly axis: number }, [rows: number, columns: number]> = {
  name: "layer_norm",
  resolve(site) {
    const [rows, columns] = rowsOf(site.input(0).dims, site.attributes.axis);
    const fits =
      site.outputs.length === 1 &&
      isFloat32(site.input(0)) &&
      isFloat32(site.output()) &&
      [1, 2].every((i) => isVector(site.inputs[i], columns));
    return fits && [rows, columns];
  },
  emit(context, sizes) {
    const [from, scale, shift = 0] = addresses(context);
    const to = context.at(context.output());
    context.call("f32_layer_norm", from, scale, shift, to, ...sizes, asFloat(context.attributes.epsilon));
  },
};
