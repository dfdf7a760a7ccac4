import { InternalError, LanewiseError } from "../../src/errors.ts";
import { Violation } from "./instrumented.ts";

/** What came of a case: it ran, it was refused as it should be, it has nothing to run, or something is wrong. */
export type Verdict =
  | { readonly status: "ran" | "refused" | "skipped" }
  | {
      readonly status: "finding";
      /** The same for all cases that fail in the same place. */
      readonly bucket: string;
      readonly message: string;
    };

export const RAN: Verdict = { status: "ran" };
export const REFUSED: Verdict = { status: "refused" };
export const SKIPPED: Verdict = { status: "skipped" };

export const finding = (bucket: string, message: string): Verdict => ({ status: "finding", bucket, message });

const KINDS = ["differs from", "by the definitions", "share bytes", "wrote at"] as const;

/** What the instrumented executor had to say, by its kind. */
export const instrumented = (message: string): Verdict =>
  finding(`instrumented: ${KINDS.find((kind) => message.includes(kind)) ?? message}`, message);

/** An error stands for a refusal where it is one of lanewise's and not of its own making. */
export function judge(error: unknown): Verdict {
  if (error instanceof LanewiseError && !(error instanceof InternalError)) {
    const { cause } = error;
    // A definition that stumbles over what it was given has not said what is wrong with it.
    if (/^\S+ "?.*(evaluation|inference) failed: /.test(error.message) && cause instanceof Error)
      return finding(`stumbled ${nameOf(cause)} ${placeOf(cause)}`, `${error.message}\n${cause.stack}`);
    return REFUSED;
  }
  if (error instanceof Violation) return instrumented(error.message);
  const name = error instanceof Error ? nameOf(error) : String(error);
  const place =
    error instanceof WebAssembly.RuntimeError ? `${error.message} ${wasmPlace(error)}` : placeOf(error);
  return finding(`threw ${name} ${place}`, error instanceof Error ? (error.stack ?? name) : name);
}

const nameOf = (error: Error): string => error.constructor?.name ?? error.name;

const wasmPlace = (error: Error): string => /wasm-function\[\d+\]/.exec(error.stack ?? "")?.[0] ?? "";

/** The innermost function of lanewise on the stack. */
function placeOf(error: unknown): string {
  const lines = error instanceof Error ? (error.stack ?? "").split("\n") : [];
  const own =
    lines.find((line) => /^\s+at /.test(line) && /src\//.test(line)) ??
    lines.find((line) => /^\s+at /.test(line));
  const place = /at (?:async )?(?:new )?([\w.#<>[\] ]+) \(.*?([\w-]+\.ts)?(?::\d+)*\)/.exec(own ?? "");
  return place === null
    ? (own ?? "")
        .trim()
        .replace(/^at .*\/(src\/)/, "$1")
        .replace(/:\d+:\d+\)?$/, "")
    : `${place[1]} ${place[2] ?? ""}`.trim();
}
