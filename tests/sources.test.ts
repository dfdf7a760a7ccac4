import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onnx } from "onnx-proto";
import { afterAll, describe, expect, test } from "vitest";
import { type LanewiseError, MemoryError, ResourceError } from "../src/errors.ts";
import { InferenceSession, Tensor, UsageError } from "../src/index.ts";
import { loadExternal, loadModel } from "../src/source.ts";
import { modelProto, node } from "./support/onnx-model.ts";
import { smallModel } from "./support/small-model.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-sources-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]) => join(folder, ...parts);

/** y = x + w, with w, four floats, in the file at `location`. */
function modelBeside(location: string): Uint8Array {
  const proto = modelProto({
    inputs: { x: { dtype: "float32", dims: [4] } },
    outputs: { y: { dtype: "float32", dims: [4] } },
    nodes: [node("Add", ["x", "w"], ["y"])],
  });
  const external = { dataType: 1, name: "w", dims: [4], dataLocation: 1 };
  const initializer = [{ ...external, externalData: [{ key: "location", value: location }] }];
  const graph = { ...proto.graph, initializer };
  return onnx.ModelProto.encode(onnx.ModelProto.create({ ...proto, graph })).finish();
}

const weights = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);

async function sum(model: string | URL): Promise<number[]> {
  const session = await InferenceSession.create(model);
  const { y } = await session.run({ x: new Tensor("float32", [0, 0, 0, 0], [4]) });
  return Array.from((y as Tensor).data as Float32Array);
}

/** The error of a promise that must not be kept, nor take long. */
async function failure(promise: Promise<unknown>): Promise<Error> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error("nothing came of it")), 20_000).unref();
  });
  return Promise.race([
    promise.then(
      () => new Error("succeeded"),
      (error: Error) => error,
    ),
    late,
  ]);
}

const abortedSoon = (): AbortSignal => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("enough")), 50);
  return controller.signal;
};

const makePipe = (path: string): string => {
  execFileSync("mkfifo", [path]);
  return path;
};

describe.skipIf(process.platform === "win32")("external data beside a model", () => {
  mkdirSync(at("model/sub"), { recursive: true });
  mkdirSync(at("elsewhere"));
  writeFileSync(at("model/weights.bin"), weights);
  writeFileSync(at("elsewhere/secret.bin"), weights);
  symlinkSync("weights.bin", at("model/near.bin"));
  symlinkSync("../elsewhere/secret.bin", at("model/far.bin"));
  symlinkSync("../elsewhere", at("model/door"));
  symlinkSync("/dev/zero", at("model/zero.bin"));
  makePipe(at("model/pipe.bin"));
  const write = (location: string, name = "model.onnx"): string => {
    writeFileSync(at("model", name), modelBeside(location));
    return at("model", name);
  };

  test("is read from its folder, through links that stay there", async () => {
    expect(await sum(write("weights.bin"))).toEqual([1, 2, 3, 4]);
    expect(await sum(write("./weights.bin"))).toEqual([1, 2, 3, 4]);
    expect(await sum(write("near.bin"))).toEqual([1, 2, 3, 4]);
  });

  test("is read from where model and data really lie, if both are links, as in a store of blobs", async () => {
    mkdirSync(at("store/blobs"), { recursive: true });
    mkdirSync(at("store/snapshot"));
    writeFileSync(at("store/blobs/a1"), modelBeside("model.onnx_data"));
    writeFileSync(at("store/blobs/b2"), weights);
    symlinkSync("../blobs/a1", at("store/snapshot/model.onnx"));
    symlinkSync("../blobs/b2", at("store/snapshot/model.onnx_data"));
    expect(await sum(at("store/snapshot/model.onnx"))).toEqual([1, 2, 3, 4]);
  });

  test.each([
    ["far.bin", /"far\.bin" leaves the model's folder/],
    ["door/secret.bin", /"door\/secret\.bin" leaves the model's folder/],
    ["zero.bin", /"zero\.bin" leaves the model's folder/],
    ["pipe.bin", /"pipe\.bin" is a named pipe, not a file/],
    ["sub", /"sub" is a folder, not a file/],
    [".", /leaves the model's folder|is a folder/],
    ["missing.bin", /missing\.bin/],
    ["nul\0.bin", /nul/],
  ])("is refused at %s", async (location, message) => {
    const error = await failure(InferenceSession.create(write(location)));
    expect(error).toBeInstanceOf(ResourceError);
    expect(error.message).toMatch(message);
  });
});

describe("external data beside an address", () => {
  test.each([
    ["weights.bin", "/models/weights.bin"],
    ["sub/we ights#1?.bin", "/models/sub/we%20ights%231%3F.bin"],
    ["%2e%2e/secret.bin", "/models/%252e%252e/secret.bin"],
    [".\t./secret.bin", "/models/.%09./secret.bin"],
    ["h2:secret", "/models/h2%3Asecret"],
  ])("is asked for in the model's folder: %s", async (location, asked) => {
    const paths: string[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url as string);
      response.end(request.url?.startsWith("/models/model.onnx") ? modelBeside(location) : weights);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const address = `http://127.0.0.1:${port}/models/model.onnx?token=a/b`;
      expect(await sum(address)).toEqual([1, 2, 3, 4]);
      const session = await InferenceSession.create(await fetch(address));
      await session.release();
      expect(paths.filter((path) => !path.includes("token"))).toEqual([asked, asked]);
    } finally {
      server.close();
    }
  });
});

/** A program that writes a byte into a pipe and keeps it open. */
const HOLDS_OPEN = `const { openSync, writeSync } = require("node:fs");
writeSync(openSync(process.argv[1], "w"), "x");
console.log("written");
setTimeout(() => {}, 30_000);`;

describe("a signal", () => {
  test.skipIf(process.platform === "win32")("ends the wait for a pipe that nobody writes to", async () => {
    const pipe = makePipe(at("silent.onnx"));
    expect((await failure(InferenceSession.create(pipe, { signal: abortedSoon() }))).message).toBe("enough");
  });

  test.skipIf(process.platform === "win32")("ends the wait for a writer who has fallen silent", async () => {
    const pipe = makePipe(at("slow.onnx"));
    const writer = spawn(process.execPath, ["-e", HOLDS_OPEN, pipe]);
    const controller = new AbortController();
    writer.stdout.once("data", () => setTimeout(() => controller.abort(new Error("enough")), 50));
    try {
      const error = await failure(InferenceSession.create(pipe, { signal: controller.signal }));
      expect(error.message).toBe("enough");
    } finally {
      writer.kill("SIGKILL");
    }
  });

  test.skipIf(process.platform === "win32")("ends the reading of a device without end", async () => {
    const error = await failure(InferenceSession.create("/dev/zero", { signal: abortedSoon() }));
    expect(error.message).toBe("enough");
  });

  test("ends the reading of a file", async () => {
    const path = at("model.bin");
    writeFileSync(path, smallModel());
    const { signal } = new AbortController();
    expect((await loadModel(path, { signal })).bytes).toEqual(smallModel());
    const controller = new AbortController();
    const loading = loadModel(path, { signal: controller.signal });
    controller.abort(new Error("enough"));
    expect((await failure(loading)).message).toBe("enough");
  });

  test("ends the wait for a stream at rest, and the stream", async () => {
    let cancelled: unknown;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: (reason) => {
        cancelled = reason;
      },
    });
    const error = await failure(InferenceSession.create(stream, { signal: abortedSoon() }));
    expect(error.message).toBe("enough");
    expect(cancelled).toBe(error);
  });
});

test.skipIf(process.platform === "win32")("a pipe is read to its end", async () => {
  const pipe = makePipe(at("whole.onnx"));
  writeFileSync(at("whole.bin"), smallModel());
  spawn("cp", [at("whole.bin"), pipe], { stdio: "ignore" });
  expect((await loadModel(pipe, { signal: new AbortController().signal })).bytes).toEqual(smallModel());
});

describe("a limit in bytes", () => {
  const endless = (): ReadableStream<Uint8Array> =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1000)) });

  test.each<[string, () => string | ReadableStream<Uint8Array> | Response]>([
    ["a stream", endless],
    ["a response", () => new Response(endless())],
    ["what a response announces", () => new Response("x", { headers: { "content-length": "100001" } })],
    ["a file", () => at("sparse.onnx")],
    ...(process.platform === "win32" ? [] : [["a device", () => "/dev/zero"] as [string, () => string]]),
  ])("bounds %s", async (_, source) => {
    writeFileSync(at("sparse.onnx"), "");
    truncateSync(at("sparse.onnx"), 2 ** 33);
    const error = await failure(loadModel(source(), { maxBytes: 100_000 }));
    expect(error).toBeInstanceOf(MemoryError);
    expect((error as MemoryError).bytes).toBeGreaterThan(100_000);
    expect(error.message).toMatch(/at most 100000 may be read/);
  });

  test("lets through what is not longer, and holds for the model and its external data together", async () => {
    writeFileSync(at("sized.onnx"), modelBeside("sized.bin"));
    writeFileSync(at("sized.bin"), weights);
    const { length } = modelBeside("sized.bin");
    const load = async (maxBytes: number) => {
      const model = await loadModel(at("sized.onnx"), { maxBytes });
      return loadExternal(["sized.bin"], model, { maxBytes });
    };
    expect((await load(length + 16)).get("sized.bin")).toEqual(weights);
    expect(await failure(load(length + 15))).toBeInstanceOf(MemoryError);
    expect(await failure(load(length - 1))).toBeInstanceOf(MemoryError);
  });

  test("is 4 GiB where none is given", async () => {
    writeFileSync(at("huge.onnx"), "");
    truncateSync(at("huge.onnx"), 2 ** 32 + 1);
    expect(await failure(InferenceSession.create(at("huge.onnx")))).toBeInstanceOf(MemoryError);
  });
});

describe("a source that fails", () => {
  const erring = () =>
    new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new TypeError("cut")) });
  const locked = () => {
    const stream = new ReadableStream<Uint8Array>();
    stream.getReader();
    return stream;
  };
  const ofText = () => new ReadableStream({ pull: (controller) => controller.enqueue("text" as never) });

  test.each<[string, () => unknown, abstract new (...args: never[]) => LanewiseError]>([
    ["a stream with an error", erring, ResourceError],
    ["a stream that another reads", locked, ResourceError],
    ["a stream of text", ofText, UsageError],
    ["an address of a file on a host", () => new URL("file://host/model.onnx"), ResourceError],
    ["a path with a NUL", () => "a\0b", ResourceError],
    ["a folder", () => folder, ResourceError],
    ["a path through a file", () => join(at("x.bin"), "y"), ResourceError],
  ])("gives an error of lanewise's: %s", async (_, source, type) => {
    writeFileSync(at("x.bin"), "x");
    expect(await failure(InferenceSession.create(source() as string))).toBeInstanceOf(type);
  });

  test("gives back what the caller's own listener throws", async () => {
    const mine = new Error("mine");
    const onProgress = () => {
      throw mine;
    };
    const source = new Response(smallModel() as BodyInit);
    expect(await failure(InferenceSession.create(source, { onProgress }))).toBe(mine);
  });
});
