/** How a batch ended, as `--json` prints it. */
export interface Summary {
  readonly model: string;
  readonly out: string;
  /** Pictures of the list, each counted once. */
  readonly pictures: number;
  /** How many more times pictures were named. */
  readonly duplicates: number;
  /** Pictures that had a line before, failed ones included. */
  readonly done_before: number;
  /** Lines that this run has added, failed ones included. */
  readonly done: number;
  /** Pictures without a line still, because the run was stopped. */
  readonly left: number;
  /** Pictures whose line is an error, by when it was written. */
  readonly failed_before: number;
  readonly failed: number;
  readonly stopped_by: "SIGINT" | "SIGTERM" | null;
  readonly workers: number;
  readonly done_by_worker: readonly number[];
  readonly seconds: number;
  /** What failed now. */
  readonly failures: readonly { readonly image: string; readonly message: string }[];
}

/** Failures that are shown; all of them stand in the results. */
const SHOWN = 20;

/** The summary as people read it. */
export function summaryText(summary: Summary): string {
  const { out, pictures, duplicates, done, done_before, left, workers, seconds } = summary;
  const failed = summary.failed + summary.failed_before;
  const named = duplicates === 0 ? "" : ` (named ${pictures + duplicates} times)`;
  const speed = done === 0 ? "" : ` in ${seconds.toFixed(1)} s, ${rateText(done / seconds)}`;
  return [
    `${out}: ${counted(pictures)}${named}`,
    `${done} done by ${workers} ${workers === 1 ? "worker" : "workers"}${speed}`,
    ...(done_before === 0 ? [] : [`${done_before} done before`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(left === 0 ? [] : [`${left} left: run it again to go on`]),
  ].join("; ");
}

/** What failed, a line each, and how to get at it. */
export function failureLines({ out, failures, failed_before }: Summary): string[] {
  const rest = failures.length - SHOWN;
  return [
    ...failures.slice(0, SHOWN).map(({ image, message }) => failureLine(image, message)),
    ...(rest > 0 ? [`failed: ${rest} more: the lines of ${out} that have "error"`] : []),
    ...(failed_before > 0 ? [`failed before: ${failed_before}: --retry-failed tries them again`] : []),
  ];
}

/** Errors of files begin with the file's path as it is. */
const failureLine = (image: string, message: string): string =>
  `failed: ${message.startsWith(image) ? "" : `${image}: `}${message}`;

export const counted = (pictures: number): string => `${pictures} ${pictures === 1 ? "picture" : "pictures"}`;

export const rateText = (perSecond: number): string =>
  `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} a second`;
