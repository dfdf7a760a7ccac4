import { afterAll, expect, test } from "vitest";
import { smallModel } from "../support/small-model.ts";
import { createPages } from "./harness.ts";

const browser = createPages();
afterAll(browser.close);

test("a model comes from an address, a Response, a stream or bytes, and reports its progress", async (context) => {
  const pages = await browser.open(context);
  const bytes = smallModel();
  const path = pages.serve("/small.onnx", { body: bytes });
  const seen = await pages.run(async ({ lanewise }, path) => {
    const input = new lanewise.Tensor("float32", new Float32Array(3 * 20 * 24).fill(0.5), [1, 3, 20, 24]);
    const sources = {
      path,
      URL: new URL(path, location.href),
      Response: await fetch(path),
      stream: (await fetch(path)).body as ReadableStream<Uint8Array>,
      ArrayBuffer: await (await fetch(path)).arrayBuffer(),
      Uint8Array: new Uint8Array(await (await fetch(path)).arrayBuffer()),
    };
    const results: Record<string, { y: number[]; loadedBytes: number | undefined }> = {};
    for (const [name, source] of Object.entries(sources)) {
      let loadedBytes: number | undefined;
      const session = await lanewise.InferenceSession.create(source, {
        onProgress: (progress) => {
          loadedBytes = progress.loadedBytes;
        },
      });
      const { y } = await session.run({ x: input });
      results[name] = { y: Array.from(y?.data as Float32Array), loadedBytes };
    }
    return results;
  }, path);
  for (const [name, { y, loadedBytes }] of Object.entries(seen)) {
    expect(y, name).toEqual(seen.path?.y);
    expect(loadedBytes, name).toBe(["ArrayBuffer", "Uint8Array"].includes(name) ? undefined : bytes.length);
  }
  expect(new Set(seen.path?.y).size).toBe(10);
});

test("a signal stops loading, before it and during it", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  const outcomes = await pages.run(async ({ lanewise }, path) => {
    const outcome = (loading: Promise<unknown>): Promise<string> =>
      loading.then(
        () => "loaded",
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const before = AbortSignal.abort(new Error("changed my mind"));
    const during = new AbortController();
    const stream = (await fetch(path)).body as ReadableStream<Uint8Array>;
    return {
      before: await outcome(lanewise.InferenceSession.create(path, { signal: before })),
      during: await outcome(
        lanewise.InferenceSession.create(stream, { signal: during.signal, onProgress: () => during.abort() }),
      ),
      untouched: await outcome(
        lanewise.InferenceSession.create(path, { signal: new AbortController().signal }),
      ),
    };
  }, path);
  expect(outcomes.before).toBe("Error: changed my mind");
  expect(outcomes.during).toMatch(/^AbortError: /);
  expect(outcomes.untouched).toBe("loaded");
});

test("what is no model is a typed error that says what came instead", async (context) => {
  const pages = await browser.open(context);
  const html = pages.serve("/app.html", {
    type: "text/html; charset=utf-8",
    body: "<!doctype html><title>app</title>",
  });
  const unlabelled = pages.serve("/unlabelled.onnx", { body: "<!DOCTYPE html><title>app</title>" });
  const truncated = pages.serve("/truncated.onnx", { body: smallModel().subarray(0, 500) });
  const errors = await pages.run(
    async ({ lanewise }, paths) => {
      const errors: { name: string; code: string; message: string; known: boolean }[] = [];
      for (const path of paths) {
        const error = await lanewise.InferenceSession.create(path).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (!(error instanceof lanewise.LanewiseError)) throw new Error(`${path}: ${String(error)}`);
        const known = error instanceof lanewise.ResourceError || error instanceof lanewise.ModelError;
        errors.push({ name: error.name, code: error.code, message: error.message, known });
      }
      return errors;
    },
    [html, "/nowhere.onnx", unlabelled, truncated],
  );
  expect(errors.every(({ known }) => known)).toBe(true);
  expect(errors.map(({ code }) => code)).toEqual(["ERR_RESOURCE", "ERR_RESOURCE", "ERR_MODEL", "ERR_MODEL"]);
  expect(errors[0]?.message).toMatch(/HTML from http.*\/app\.html/);
  expect(errors[1]?.message).toMatch(/\/nowhere\.onnx: HTTP 404/);
});
