import { describe, expect, test } from "vitest";
import { InferenceSession, Tensor } from "../../src/ort/index.ts";
import { endlessModel } from "./endless.ts";
import { floatsOf } from "./implementations.ts";

const endless = endlessModel();
const feeds = (go: boolean) => ({
  x: new Tensor("float32", [1]),
  go: new Tensor("bool", [go], []),
});

const EXITING = "Exiting due to terminate flag being set to true.";

describe("terminate", () => {
  test("set before a run ends it, and not the next", async () => {
    const session = await InferenceSession.create(endless);
    await expect(session.run(feeds(true), { terminate: true })).rejects.toThrow(EXITING);
    expect(floatsOf((await session.run(feeds(false), { terminate: false })).y)).toEqual([1]);
  });

  test("set while a run goes on ends all that have these options, and no other session", async () => {
    const session = await InferenceSession.create(endless);
    const other = await InferenceSession.create(endless);
    const options = { terminate: false };
    const runs = [session.run(feeds(true), options), session.run(feeds(true), ["y"], options)];
    setTimeout(() => {
      options.terminate = true;
    }, 30);
    for (const ended of await Promise.allSettled(runs))
      expect(ended).toMatchObject({ status: "rejected", reason: { name: "AbortError", message: EXITING } });
    expect(floatsOf((await other.run(feeds(false))).y)).toEqual([1]);
    expect(floatsOf((await session.run(feeds(false))).y)).toEqual([1]);
  });

  test("left false lets the event loop have its turns", async () => {
    const session = await InferenceSession.create(endless);
    const options = { terminate: false };
    let turns = 0;
    const counting = setInterval(() => {
      turns++;
      options.terminate = turns === 3;
    }, 1);
    await expect(session.run(feeds(true), options)).rejects.toThrow(EXITING);
    clearInterval(counting);
    expect(turns).toBe(3);
  });
});
