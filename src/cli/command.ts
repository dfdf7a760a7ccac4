import { Command, InvalidArgumentError, Option } from "commander";
import { LanewiseError } from "../errors.ts";
import { OPTIMIZATION_LEVELS } from "../passes/pipeline.ts";

/** What every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** A command with the options that all commands share. */
export function newCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--json", "print one JSON document on stdout")
    .option("--debug", "show the stack of an error");
}

/** `--optimize`, with onnxruntime's levels. */
export const optimizeOption = (): Option =>
  new Option("--optimize <level>", "graph optimisations").choices(OPTIMIZATION_LEVELS).default("all");

/** Parses a whole number of at least `least`. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
    }
    return value;
  };

/** Parses a number that is not negative. */
export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError("Expected a number of at least 0.");
  }
  return value;
}

/** Gathers the values of an option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Writes a line to stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A count as people read it: 1,234,567. */
export const grouped = (value: number): string => value.toLocaleString("en-US");

/** A time as people read it. */
export const formatMs = (ms: number): string => `${ms < 10 ? ms.toFixed(2) : ms.toFixed(1)} ms`;

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** The error as the command line shows it: one line, or with `debug` the stack of it and of its causes. */
export function renderError(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return `lanewise: ${String(error)}`;
  if (debug) return `lanewise: ${stackOf(error)}`;
  const known = error instanceof LanewiseError;
  const text = known ? error.message : `unexpected ${error.name}: ${error.message} (--debug shows where)`;
  return `lanewise: ${text.replace(/\s*\n\s*/g, " ")}`;
}

const stackOf = (error: Error): string =>
  error.cause instanceof Error
    ? `${error.stack}\ncaused by ${stackOf(error.cause)}`
    : (error.stack ?? error.message);
