import { env } from "onnxruntime-common";

/** From 0 on, as `logSeverityLevel` counts them. */
const LEVELS = ["verbose", "info", "warning", "error", "fatal"] as const;

/** What is said, and from which level on it is worth saying. */
export interface Remark {
  readonly about: string;
  readonly text: string;
  readonly level: "info" | "warning";
}

export const warning = (about: string, text: string): Remark => ({ about, text, level: "warning" });

const said = new Set<string>();

/** Prints a remark the first time it is worth saying at the log level: a session's own, else `env.logLevel`. */
export function sayOnce({ about, text, level }: Remark, logSeverityLevel: number | undefined): void {
  const least = logSeverityLevel ?? LEVELS.indexOf(env.logLevel ?? "warning");
  if (LEVELS.indexOf(level) < least || said.has(about)) return;
  said.add(about);
  console[level === "warning" ? "warn" : "info"](`lanewise/ort: ${about}: ${text}`);
}
