import type { InferenceSession } from "onnxruntime-common";

/** How often a flag is looked at for a run that is elsewhere. */
const POLL_MS = 10;

export interface Termination {
  readonly signal: AbortSignal;
  /** To be called when the run is over. */
  end(): void;
}

/**
 * A signal that fires once `terminate` of the run's options is true. A program sets it there, before the run or while it
 * goes on, and nobody is told when it does: so it is looked at whenever lanewise looks at its signal, and, where that is in
 * a worker, by a timer of this thread.
 */
export function watchTermination(options: InferenceSession.RunOptions, proxied: boolean): Termination {
  const controller = new AbortController();
  const { signal } = controller;
  const look = (): void => {
    if (options.terminate === true)
      controller.abort(new DOMException("Exiting due to terminate flag being set to true.", "AbortError"));
  };
  const throwIfAborted = (): void => {
    look();
    if (signal.aborted) throw signal.reason;
  };
  const timer = proxied ? setInterval(look, POLL_MS) : undefined;
  return {
    signal: Object.defineProperty(signal, "throwIfAborted", { value: throwIfAborted }),
    end: () => clearInterval(timer),
  };
}
