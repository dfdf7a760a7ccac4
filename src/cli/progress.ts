export interface Progress {
  /** Shows a text, and a bar where `fraction` (0 to 1) is given, in place of what stood there. */
  update(text: string, fraction?: number): void;
  /** Clears the line. */
  done(): void;
}

/** What a progress line needs of a stream; process.stderr is one. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR_CELLS = 20;
const CLEAR = "\r\x1b[K";

/**
 * One line on stderr that is written over again and again, at most every 50 ms; nothing where the stream is no
 * terminal, so that logs stay clean.
 */
export function progressLine(
  stream: ProgressStream = process.stderr,
  now: () => number = performance.now.bind(performance),
): Progress {
  if (!stream.isTTY) return { update() {}, done() {} };
  let last = -Infinity;
  let shown = false;
  return {
    update(text, fraction) {
      const time = now();
      const finished = fraction !== undefined && fraction >= 1;
      if (time - last < 50 && !finished) return;
      last = time;
      shown = true;
      const line = fraction === undefined ? text : `${bar(fraction)} ${text}`;
      stream.write(CLEAR + [...line].slice(0, (stream.columns || 80) - 1).join(""));
    },
    done() {
      if (shown) stream.write(CLEAR);
      shown = false;
    },
  };
}

function bar(fraction: number): string {
  const part = Math.min(1, Math.max(0, fraction));
  const cells = Math.floor(part * BAR_CELLS);
  return `${"█".repeat(cells)}${"░".repeat(BAR_CELLS - cells)} ${`${Math.floor(part * 100)}`.padStart(3)} %`;
}

/** Seconds as a clock shows them. */
export const clock = (seconds: number): string => {
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
};
