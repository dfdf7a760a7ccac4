// Optimisers' steps, each on one parameter: one call, element by element, so that everything can be updated in place.
import { isFloat32 } from "../../ops/define.ts";
import { ADAM } from "../../ops/training/adam-update.ts";
import { RMS_PROP } from "../../ops/training/rms-prop-update.ts";
import { SGD } from "../../ops/training/sgd-update.ts";
import { elementCount } from "../../tensor.ts";
import { asFloat } from "../arguments.ts";
import type { Lowering } from "../lowering.ts";
import type { Site } from "../site.ts";
import { inputsOf, outputsOf } from "./places.ts";

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
  inPlaceOf: { [ADAM.out.m]: ADAM.in.m, [ADAM.out.v]: ADAM.in.v },
  emit(context) {
    const { beta1, beta2, decoupled, epsilon, weightDecay } = context.attributes;
    const input = inputsOf(context, ADAM.in);
    const output = outputsOf(context, ADAM.out);
    context.call(
      "f32_adam_update",
      input("parameter"),
      input("gradient"),
      input("m"),
      input("v"),
      input("rate"),
      input("guard"),
      input("step"),
      output("parameter"),
      output("m"),
      output("v"),
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
  inPlaceOf: { [RMS_PROP.out.square]: RMS_PROP.in.square, [RMS_PROP.out.velocity]: RMS_PROP.in.velocity },
  emit(context) {
    const { epsilon, momentum, rho, weightDecay } = context.attributes;
    const velocity = context.inputs[RMS_PROP.in.velocity];
    const input = inputsOf(context, RMS_PROP.in);
    const output = outputsOf(context, RMS_PROP.out);
    context.call(
      "f32_rms_prop_update",
      input("parameter"),
      input("gradient"),
      input("square"),
      context.at(velocity),
      input("rate"),
      input("guard"),
      output("parameter"),
      output("square"),
      velocity === undefined ? 0 : output("velocity"),
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
  inPlaceOf: { [SGD.out.velocity]: SGD.in.velocity },
  emit(context) {
    const { momentum, nesterov, weightDecay } = context.attributes;
    const velocity = context.inputs[SGD.in.velocity];
    const input = inputsOf(context, SGD.in);
    const output = outputsOf(context, SGD.out);
    context.call(
      "f32_sgd_update",
      input("parameter"),
      input("gradient"),
      context.at(velocity),
      input("rate"),
      input("guard"),
      output("parameter"),
      velocity === undefined ? 0 : output("velocity"),
      elementCount(context.output().dims),
      asFloat(momentum),
      nesterov,
      asFloat(weightDecay),
    );
  },
};
