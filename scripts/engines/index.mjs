import { findPrograms, whyMissing } from "../programs.mjs";
import { startChromium } from "./chromium.mjs";
import { startFirefox } from "./firefox.mjs";
import { startWebKit } from "./webkit.mjs";

const START = { Chromium: startChromium, Firefox: startFirefox, WebKit: startWebKit };

/**
 * Starts an engine by its name (Chromium, Firefox, WebKit) and gives its `version`, `visit(address)`, which leaves the
 * page before and does not wait for the new one, and `close()`. Throws where the engine is not there.
 */
export async function startEngine(engine, options = {}) {
  const programs = findPrograms(engine);
  if (programs === undefined) throw new Error(whyMissing(engine));
  return START[engine](programs, options);
}
