// The Chromium that the browser tests share, among the engines of scripts/engines.
import { findPrograms, whyMissing } from "./programs.mjs";

/** The path of a Chromium; undefined where there is none. */
export const findChromium = () => findPrograms("Chromium")?.browser;

/** Why the browser tests are left out where `findChromium` finds none. */
export const NO_CHROMIUM = whyMissing("Chromium");
