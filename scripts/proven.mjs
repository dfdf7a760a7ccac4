// Which tests passed, by what vitest has written as JSON.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../tests", import.meta.url));

/** What became of every test: "FILE > GROUP > TITLE" to "passed" or not. */
function outcomesOf({ testResults }) {
  return new Map(
    testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ ancestorTitles, title, status }) => [
        [relative(folder, name).replaceAll("\\", "/"), ...ancestorTitles, title].join(" > "),
        status,
      ]),
    ),
  );
}

/** Whether a test's name begins as this does, where "…" stands for anything. */
const beginning = (name) =>
  new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*")}`);

/**
 * Ends the process with 1 where one of the tests did not pass, by the results in a file; `what` they are to prove. Tests go by the
 * beginnings of their names, each of which some test must have.
 */
export function prove(what, tests, resultsPath) {
  const outcomes = [...outcomesOf(JSON.parse(readFileSync(resultsPath, "utf8")))];
  const missing = tests.flatMap((test) => {
    const pattern = beginning(test);
    const meant = outcomes.filter(([name]) => pattern.test(name));
    if (meant.length === 0) return [`${test}: there is no such test`];
    return meant.filter(([, status]) => status !== "passed").map(([name, status]) => `${name}: ${status}`);
  });
  if (missing.length > 0) {
    console.log(`${what} is not proven:\n  ${missing.join("\n  ")}`);
    process.exit(1);
  }
  console.log(`${what} is proven by tests that passed`);
}
