import { LanewiseError } from "../errors.ts";

/** The loss or a weight stopped being a number; weights are those before the update at which it showed. */
export class DivergenceError extends LanewiseError {
  override get name() {
    return "DivergenceError" as const;
  }
  constructor(
    /** The number of the update, from 1. */
    readonly step: number,
    /** The first layer (or weight, or input) whose values are not finite; undefined where only the loss is. */
    readonly layer: string | undefined,
    message: string,
  ) {
    super("ERR_DIVERGED", message);
  }
}
