import { AS_IT_IS, type Attacked, type Target } from "./cases.ts";
import type { Fault } from "./check-plans.ts";
import { CHECKPOINT_FAULTS, MODEL_FAULTS } from "./faults-files.ts";
import { GRAPH_FAULTS } from "./faults-graphs.ts";
import { PLAN_FAULTS } from "./faults-plans.ts";
import { STEP_FAULTS } from "./faults-steps.ts";
import { LANEWISE } from "./run-model.ts";

/** A fault to plant, and the target of the fuzzer that must find it. */
export interface PlantedFault {
  readonly target: Target;
  readonly attacked: Attacked;
  /** What it shows as. */
  readonly bucket: RegExp;
}

const inPlans = (fault: Fault, target: Target = "graphs"): PlantedFault => ({
  target,
  bucket: /^instrumented: /,
  attacked: { ...AS_IT_IS, subject: { ...LANEWISE, fault }, fault },
});

function planted<T>(
  faults: Readonly<Record<string, T>>,
  plant: (fault: T, name: string) => PlantedFault,
): Record<string, PlantedFault> {
  return Object.fromEntries(Object.entries(faults).map(([name, fault]) => [name, plant(fault, name)]));
}

/** Faults of the kinds that a runtime has, each named for what goes wrong. */
export const FAULTS: Readonly<Record<string, PlantedFault>> = {
  ...planted(STEP_FAULTS, (step) => inPlans({ step })),
  ...planted(PLAN_FAULTS, (plan) => inPlans({ plan })),
  ...planted(GRAPH_FAULTS, (graph, name) =>
    inPlans({ graph }, /moment|state/.test(name) ? "training" : "graphs"),
  ),
  ...planted(MODEL_FAULTS, ({ open, bucket }) => ({
    target: "models",
    bucket,
    attacked: { ...AS_IT_IS, subject: { open } },
  })),
  ...planted(CHECKPOINT_FAULTS, ({ restore, bucket }) => ({
    target: "checkpoints",
    bucket,
    attacked: { ...AS_IT_IS, restoring: { restore } },
  })),
};
