// Runs one case after another for the driver, which watches it from outside.
import { addTraining } from "../../src/train/add-training.ts";
import { broken, type FuzzCase, runCase } from "./cases.ts";
import type { Places } from "./corpus.ts";
import { FAULTS } from "./faults.ts";
import type { Verdict } from "./verdict.ts";

/** What the driver asks for. */
export interface Request {
  readonly given: FuzzCase;
  readonly places: Places;
  /** The name of a planted fault. */
  readonly fault?: string | undefined;
  /** The case's bytes and edits instead of its verdict. */
  readonly bytes?: boolean;
}

export interface Reply {
  readonly verdict?: Verdict;
  readonly bytes?: Uint8Array;
  readonly external?: Readonly<Record<string, Uint8Array>> | undefined;
  readonly edits?: readonly number[];
}

// As entries of Node do.
addTraining();
process.setSourceMapsEnabled(true);
// An interrupt is the driver's: it ends after the case under way.
process.on("SIGINT", () => undefined);

process.on("message", async ({ given, places, fault, bytes }: Request) => {
  if (bytes === true) {
    const { base, edits } = await broken(given, places);
    return reply({ bytes: base.bytes, external: base.external, edits });
  }
  const attacked = fault === undefined ? undefined : FAULTS[fault]?.attacked;
  reply({ verdict: await runCase(given, places, attacked) });
});

const reply = (message: Reply): void => void process.send?.(message);

reply({});
