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

/** Ends the process with 1 where one of the tests did not pass, by the results in a file; `what` they are to prove. */
export function prove(what, tests, resultsPath) {
  const outcomes = outcomesOf(JSON.parse(readFileSync(resultsPath, "utf8")));
  const missing = tests.filter((test) => outcomes.get(test) !== "passed");
  if (missing.length > 0) {
    const lines = missing.map((test) => `${test}: ${outcomes.get(test) ?? "there is no such test"}`);
    console.log(`${what} is not proven:\n  ${lines.join("\n  ")}`);
    process.exit(1);
  }
  console.log(`${what} is proven by tests that passed`);
}
