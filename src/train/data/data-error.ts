import { LanewiseError } from "../../errors.ts";

/** Data that cannot be trained on: a corrupt file, a label out of range, an input that is not a finite number. */
export class DataError extends LanewiseError {
  override get name() {
    return "DataError" as const;
  }
  /** The file or data set. */
  readonly source: string;

  constructor(source: string, message: string, options?: ErrorOptions) {
    super("ERR_DATA", `${source}: ${message}`, options);
    this.source = source;
  }
}
