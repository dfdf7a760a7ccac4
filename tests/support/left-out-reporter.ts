import type { Reporter, TestModule } from "vitest/node";

/** Prints, after everything else, one line for each reason that left tests out. */
export default class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const reason = (result.state === "skipped" && result.note) || test.fullName;
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of counts)
      console.log(`left out: ${count} ${count === 1 ? "test" : "tests"}: ${reason}`);
  }
}
