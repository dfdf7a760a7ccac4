import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { InferenceSession, Tensor } from "../../src/ort/index.ts";
import { SMALL_MODEL_DIMS, smallModel } from "../support/small-model.ts";

const model = smallModel();
const feeds = () => ({ x: new Tensor("float32", new Float32Array(1440).fill(1), SMALL_MODEL_DIMS) });

let folder: string;
let profileFilePrefix: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lanewise-profile-"));
  profileFilePrefix = join(folder, "profile");
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

const traceIn = (path: string) => JSON.parse(readFileSync(path, "utf8")) as TraceEvent[];

describe("profiling", () => {
  test("with enableProfiling writes a trace of the session from its start, at its end", async () => {
    const session = await InferenceSession.create(model, { enableProfiling: true, profileFilePrefix });
    await session.run(feeds());
    await session.run(feeds());
    session.endProfiling();
    const names = readdirSync(folder);
    expect(names).toHaveLength(1);
    expect(names[0]).toMatch(/^profile_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.json$/);
    const events = traceIn(join(folder, names[0] as string));
    const session_ = events.filter(({ cat }) => cat === "Session").map(({ name }) => name);
    expect(session_).toEqual(["session_initialization", "model_run", "model_run"]);
    const nodes = events.filter(({ cat }) => cat === "Node");
    expect(nodes.filter(({ args }) => args.op_name?.startsWith("Conv"))).toHaveLength(6);
    expect(
      nodes.every(
        ({ name, ph, ts, dur }) => name.endsWith("_kernel_time") && ph === "X" && ts > 0 && dur >= 0,
      ),
    ).toBe(true);
  });

  test("from startProfiling on records the runs after it", async () => {
    const session = await InferenceSession.create(model, { profileFilePrefix });
    await session.run(feeds());
    session.startProfiling();
    await session.run(feeds());
    session.endProfiling();
    await session.run(feeds());
    const [name] = readdirSync(folder);
    const events = traceIn(join(folder, name as string));
    expect(events.filter(({ cat }) => cat === "Session").map(({ name }) => name)).toEqual(["model_run"]);
  });

  test("that was not begun has nothing to end, and says so", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const session = await InferenceSession.create(model, { profileFilePrefix });
    session.endProfiling();
    expect(readdirSync(folder)).toEqual([]);
    expect(warn).toHaveBeenCalledOnce();
  });

  test("where there are no files prints the trace", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    const session = await InferenceSession.create(model, { enableProfiling: true });
    session.endProfiling();
    const [[text]] = log.mock.calls as [[string]];
    expect((JSON.parse(text) as TraceEvent[]).map(({ name }) => name)).toEqual(["session_initialization"]);
  });
});
