import type { GraphBuilder } from "../nn/build.ts";
import { type Schedule, toSchedule } from "./schedules.ts";

/** A parameter and what an update of it is made from; all are names of values. */
export interface UpdateInputs {
  readonly parameter: string;
  readonly gradient: string;
  /** The parameter's moments, in the order of `slots`. */
  readonly slots: readonly string[];
  /** Scalars: the learning rate, the number of this update from 1, and the loss: nothing may change where it is not finite. */
  readonly rate: string;
  readonly step: string;
  readonly guard: string;
}

/** How gradients become new weights, as nodes of a graph. */
export interface Optimizer {
  readonly name: string;
  readonly learningRate: Schedule;
  /** Names of the tensors that go with each parameter from update to update; zero at first. */
  readonly slots: readonly string[];
  /** Adds one update: names of the new parameter and its new moments, of which `target` are the names to give. */
  update(builder: GraphBuilder, inputs: UpdateInputs, target: readonly string[]): void;
}

/** Stochastic gradient descent; with momentum as in Polyak 1964, or Nesterov's as in Sutskever et al. 2013. */
export function sgd(options: {
  readonly learningRate: number | Schedule;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** Added to the gradient, times the weight. */
  readonly weightDecay?: number;
}): Optimizer {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options;
  return {
    name: "sgd",
    learningRate: toSchedule(options.learningRate),
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

interface AdamOptions {
  readonly learningRate: number | Schedule;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

const adamLike = (name: string, decoupled: boolean, options: AdamOptions): Optimizer => {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  return {
    name,
    learningRate: toSchedule(options.learningRate),
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
export const adamW = (options: AdamOptions): Optimizer =>
  adamLike("adamW", true, { weightDecay: 0.01, ...options });

/** RMSprop (Hinton's lecture 6e, 2012), with momentum as PyTorch has it. */
export function rmsProp(options: {
  readonly learningRate: number | Schedule;
  /** Of the running mean of squares. */
  readonly decay?: number;
  readonly epsilon?: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
}): Optimizer {
  const { decay = 0.99, epsilon = 1e-8, momentum = 0, weightDecay = 0 } = options;
  return {
    name: "rmsProp",
    learningRate: toSchedule(options.learningRate),
    slots: momentum === 0 ? ["square"] : ["square", "velocity"],
    update(builder, { parameter, gradient, slots, rate, guard }, outputs) {
      const attributes = { decay, epsilon, momentum, weightDecay };
      builder.node("RmsPropUpdate", [parameter, gradient, rate, guard, ...slots], attributes, {
        domain: "lanewise",
        outputs,
      });
    },
  };
}
