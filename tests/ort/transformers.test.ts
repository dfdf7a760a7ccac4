import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import { type Consumer, consumerOfBuild, runNode } from "../support/consumer.ts";
import { isInstalled, TRANSFORMERS, transformersNeeded } from "./transformers-installed.ts";
import { ASK, expectSameAnswer, PICTURE, TASKS, type Task, writeModels } from "./transformers-pipelines.ts";

let consumer: Consumer;

beforeAll(() => {
  if (!isInstalled) return;
  consumer = consumerOfBuild();
  const name = "node_modules/@huggingface";
  symlinkSync(join(TRANSFORMERS, name), join(consumer.folder, name), "junction");
  consumer.write(
    "hook.js",
    `import * as ort from "lanewise/ort"; globalThis[Symbol.for("onnxruntime")] = ort;`,
  );
});

afterAll(() => consumer?.remove());

/** The ways of handing a runtime in: the program's first line, the pipelines' options, and the versions that it says. */
const WAYS = {
  "as it comes": ["", {}, ["common", "node"]],
  'by the hook, with device: "auto"': [`import "./hook.js";`, { device: "auto" }, ["common", "lanewise"]],
  "by lanewise/ort/register": [`import "lanewise/ort/register";`, {}, ["common", "lanewise"]],
} as const;

type Way = keyof typeof WAYS;

const program = (first: string, what: string): string => `${first}
  import { env, pipeline } from "@huggingface/transformers";
  ${ASK}
  env.allowRemoteModels = false;
  env.localModelPath = ${JSON.stringify(consumer.folder)};
  const versions = Object.keys(env.backends.onnx.versions);
  console.log(JSON.stringify({ versions, answers: await ${what} }));`;

interface Printed {
  readonly versions: readonly string[];
  readonly answers: Readonly<Record<Task, unknown>>;
}

const printed = new Map<Way, Printed>();

/** What all pipelines give, in a process of its own, once for each way. */
function answersOf(context: TestContext, way: Way): Printed {
  transformersNeeded(context);
  if (printed.size === 0) writeModels(consumer.folder, context);
  const [first, options] = WAYS[way];
  const file = `${Object.keys(WAYS).indexOf(way)}.js`;
  const text = program(first, `askAll(${JSON.stringify(PICTURE)}, ${JSON.stringify(options)})`);
  const known = printed.get(way) ?? (JSON.parse(consumer.runModule(file, text)) as Printed);
  printed.set(way, known);
  return known;
}

const OWN_WAYS = (Object.keys(WAYS) as Way[]).slice(1);

describe.each(OWN_WAYS)("Transformers.js on lanewise/ort, handed in %s", (way) => {
  test("has it for its runtime", (context) => {
    expect(answersOf(context, "as it comes").versions).toEqual(WAYS["as it comes"][2]);
    expect(answersOf(context, way).versions).toEqual(WAYS[way][2]);
  });

  test.for(TASKS)("gives what it gives on onnxruntime: %s", (task, context) => {
    const [{ answers: theirs }, { answers: own }] = [
      answersOf(context, "as it comes"),
      answersOf(context, way),
    ];
    expectSameAnswer(task, own[task], theirs[task]);
  });
});

describe("the hook without a word of devices", () => {
  const one = `ask("text-classification", "", undefined).catch((error) => error.message)`;

  test("is refused by Transformers.js up to 4.3, which then knows none by name", (context) => {
    const { answers: theirs } = answersOf(context, "as it comes");
    const said = JSON.parse(consumer.runModule("named.js", program(`import "./hook.js";`, one))) as Printed;
    // Versions to come may do without: docs/transformers.md can, too, then.
    if (typeof said.answers === "string")
      expect(said.answers).toBe('Unsupported device: "cpu". Should be one of: .');
    else expectSameAnswer("text-classification", said.answers, theirs["text-classification"]);
  });

  test("works where the model's config.json says auto", (context) => {
    const { answers: theirs } = answersOf(context, "as it comes");
    const path = join(consumer.folder, "classes/config.json");
    const config = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...config, "transformers.js_config": { device: "auto" } }));
    const said = JSON.parse(consumer.runModule("config.js", program(`import "./hook.js";`, one))) as Printed;
    expect(said.versions).toEqual(["common", "lanewise"]);
    expectSameAnswer("text-classification", said.answers, theirs["text-classification"]);
    writeFileSync(path, JSON.stringify(config));
  });
});

test("lanewise/ort/register goes before a program from the command line, too", (context) => {
  const { answers: theirs } = answersOf(context, "as it comes");
  const file = consumer.write("plain.js", program("", `ask("text-classification")`));
  const said = JSON.parse(runNode(consumer.folder, "--import", "lanewise/ort/register", file)) as Printed;
  expect(said.versions).toEqual(["common", "lanewise"]);
  expectSameAnswer("text-classification", said.answers, theirs["text-classification"]);
});
