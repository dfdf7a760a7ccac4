// Optimisers' steps, each on one parameter: one call, element by element, so that everything can be updated in place.
import { isFloat32 } from "../../ops/define.ts";
import { elementCount } from "../../tensor.ts";
import { asFloat } from "../arguments.ts";
import type { Lowering } from "../lowering.ts";
import type { Site } from "../site.ts";

const onFloat32 = ({ inputs }: Site): boolean => isFloat32(inputs.map((operand) => operand?.fact));

interface Adam {
  readonly beta1: number;
  readonly beta2: number;
  readonly decoupled: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export const adamUpdate: Lowering<Adam, boolean> = {
  name: "f32_adam_update",
  resolve: onFloat32,
  inPlace: [0],
  inPlaceOf: { 1: 4, 2: 5 },
  emit(context) {
    const { beta1, beta2, decoupled, epsilon, weightDecay } = context.attributes;
    const input = (index: number) => context.at(context.input(index));
    const output = (index: number) => context.at(context.output(index));
    context.call(
      "f32_adam_update",
      input(0),
      input(1),
      input(4),
      input(5),
      input(2),
      input(3),
      input(6),
      output(0),
      output(1),
      output(2),
      elementCount(context.output().dims),
      asFloat(beta1),
      asFloat(beta2),
      asFloat(epsilon),
      asFloat(weightDecay),
      decoupled,
    );
  },
};

interface RmsProp {
  readonly epsilon: number;
  readonly momentum: number;
  readonly rho: number;
  readonly weightDecay: number;
}

export const rmsPropUpdate: Lowering<RmsProp, boolean> = {
  name: "f32_rms_prop_update",
  resolve: onFloat32,
  inPlace: [0],
  inPlaceOf: { 1: 4, 2: 5 },
  emit(context) {
    const { epsilon, momentum, rho, weightDecay } = context.attributes;
    const velocity = context.inputs[5];
    context.call(
      "f32_rms_prop_update",
      context.at(context.input(0)),
      context.at(context.input(1)),
      context.at(context.input(4)),
      context.at(velocity),
      context.at(context.input(2)),
      context.at(context.input(3)),
      context.at(context.output()),
      context.at(context.output(1)),
      velocity === undefined ? 0 : context.at(context.output(2)),
      elementCount(context.output().dims),
      asFloat(rho),
      asFloat(epsilon),
      asFloat(momentum),
      asFloat(weightDecay),
    );
  },
};

interface Sgd {
  readonly momentum: number;
  readonly nesterov: number;
  readonly weightDecay: number;
}

export const sgdUpdate: Lowering<Sgd, boolean> = {
  name: "f32_sgd_update",
  resolve: onFloat32,
  inPlace: [0],
  inPlaceOf: { 1: 4 },
  emit(context) {
    const { momentum, nesterov, weightDecay } = context.attributes;
    const velocity = context.inputs[4];
    context.call(
      "f32_sgd_update",
      context.at(context.input(0)),
      context.at(context.input(1)),
      context.at(velocity),
      context.at(context.input(2)),
      context.at(context.input(3)),
      context.at(context.output()),
      velocity === undefined ? 0 : context.at(context.output(1)),
      elementCount(context.output().dims),
      asFloat(momentum),
      nesterov,
      asFloat(weightDecay),
    );
  },
};
