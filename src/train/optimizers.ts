import { booleanOf, numberIn, objectOf, SHARE } from "../arguments.ts";
import type { GraphBuilder } from "../nn/build.ts";
import { type Schedule, toSchedule } from "./schedules.ts";

/** A parameter and what an update of it is made from; all are names of values. */
export interface UpdateInputs {
  /** The parameter. */
  readonly parameter: string;
  /** The loss's gradient by it, of the same dims. */
  readonly gradient: string;
  /** The parameter's moments, in the order of `slots`. */
  readonly slots: readonly string[];
  /** A scalar: the learning rate. */
  readonly rate: string;
  /** A scalar: the number of this update, from 1. */
  readonly step: string;
  /** A scalar: the loss; nothing may change where it is not finite. */
  readonly guard: string;
}

/** How gradients become new weights, as nodes of a graph. */
export interface Optimizer {
  /** Stands in checkpoints. */
  readonly name: string;
  /** How far each update goes. */
  readonly learningRate: Schedule;
  /** Names of the tensors that go with each parameter from update to update; zero at first. */
  readonly slots: readonly string[];
  /** Given: gradients are those at weights that far up the slope from the present ones (`sam`). */
  readonly perturbation?: number;
  /** Adds one update: names of the new parameter and its new moments, of which `target` are the names to give. */
  update(builder: GraphBuilder, inputs: UpdateInputs, target: readonly string[]): void;
}

const NOT_NEGATIVE = { from: 0 };
/** What keeps a division from one by zero must be a number of float32 above 0. */
const EPSILON = { from: 2 ** -126 };

/** Stochastic gradient descent; with momentum as in Polyak 1964, or Nesterov's as in Sutskever et al. 2013. */
export function sgd(options: {
  /** A number, or one for each update by a schedule. */
  readonly learningRate: number | Schedule;
  /** What the velocity keeps at each update; 0, none, by default. */
  readonly momentum?: number;
  /** Looks at the gradient where the velocity leads; false by default. */
  readonly nesterov?: boolean;
  /** Added to the gradient, times the weight. */
  readonly weightDecay?: number;
}): Optimizer {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = objectOf("sgd: the options", options);
  numberIn("sgd: momentum", momentum, SHARE);
  booleanOf("sgd: nesterov", nesterov);
  numberIn("sgd: weightDecay", weightDecay, NOT_NEGATIVE);
  return {
    name: "sgd",
    learningRate: toSchedule("sgd", options.learningRate),
    slots: momentum === 0 ? [] : ["velocity"],
    update(builder, { parameter, gradient, slots, rate, guard }, outputs) {
      const attributes = { momentum, nesterov: nesterov ? 1 : 0, weightDecay };
      builder.node("SgdUpdate", [parameter, gradient, rate, guard, ...slots], attributes, {
        domain: "lanewise",
        outputs,
      });
    },
  };
}

/** What `adam` and `adamW` take. */
export interface AdamOptions {
  /** A number, or one for each update by a schedule. */
  readonly learningRate: number | Schedule;
  /** What the mean of gradients keeps at each update; 0.9 by default. */
  readonly beta1?: number;
  /** What the mean of their squares keeps; 0.999 by default. */
  readonly beta2?: number;
  /** Added to the root of the latter; 1e-8 by default. */
  readonly epsilon?: number;
  /** 0 by default for `adam`, 0.01 for `adamW`. */
  readonly weightDecay?: number;
}

const adamLike = (name: string, decoupled: boolean, options: AdamOptions): Optimizer => {
  const {
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    weightDecay = decoupled ? 0.01 : 0,
  } = objectOf(`${name}: the options`, options);
  numberIn(`${name}: beta1`, beta1, SHARE);
  numberIn(`${name}: beta2`, beta2, SHARE);
  numberIn(`${name}: epsilon`, epsilon, EPSILON);
  numberIn(`${name}: weightDecay`, weightDecay, NOT_NEGATIVE);
  return {
    name,
    learningRate: toSchedule(name, options.learningRate),
    slots: ["mean", "variance"],
    update(builder, { parameter, gradient, slots, rate, step, guard }, outputs) {
      const attributes = { beta1, beta2, epsilon, weightDecay, decoupled: decoupled ? 1 : 0 };
      builder.node("AdamUpdate", [parameter, gradient, rate, guard, ...slots, step], attributes, {
        domain: "lanewise",
        outputs,
      });
    },
  };
};

/** Adam (Kingma and Ba 2015); weight decay is added to the gradient. */
export const adam = (options: AdamOptions): Optimizer => adamLike("adam", false, options);

/** AdamW (Loshchilov and Hutter 2019): weights decay by themselves, times the learning rate. */
export const adamW = (options: AdamOptions): Optimizer => adamLike("adamW", true, options);

/** RMSprop (Hinton's lecture 6e, 2012), with momentum as PyTorch has it. */
export function rmsProp(options: {
  /** A number, or one for each update by a schedule. */
  readonly learningRate: number | Schedule;
  /** Of the running mean of squares. */
  readonly decay?: number;
  /** Added to the root of the mean of squares; 1e-8 by default. */
  readonly epsilon?: number;
  /** What the velocity keeps at each update; 0, none, by default. */
  readonly momentum?: number;
  /** Added to the gradient, times the weight; 0 by default. */
  readonly weightDecay?: number;
}): Optimizer {
  const {
    decay = 0.99,
    epsilon = 1e-8,
    momentum = 0,
    weightDecay = 0,
  } = objectOf("rmsProp: the options", options);
  numberIn("rmsProp: decay", decay, SHARE);
  numberIn("rmsProp: epsilon", epsilon, EPSILON);
  numberIn("rmsProp: momentum", momentum, SHARE);
  numberIn("rmsProp: weightDecay", weightDecay, NOT_NEGATIVE);
  return {
    name: "rmsProp",
    learningRate: toSchedule("rmsProp", options.learningRate),
    slots: momentum === 0 ? ["square"] : ["square", "velocity"],
    update(builder, { parameter, gradient, slots, rate, guard }, outputs) {
      const attributes = { rho: decay, epsilon, momentum, weightDecay };
      builder.node("RmsPropUpdate", [parameter, gradient, rate, guard, ...slots], attributes, {
        domain: "lanewise",
        outputs,
      });
    },
  };
}
