import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { TimeoutError } from "../../errors.ts";
import type { Feeds } from "../../feeds.ts";
import { WorkerError } from "../../runtime/threading.ts";
import type { ExternalDataFile } from "../../source.ts";
import { Tensor } from "../../tensor.ts";
import type { RuntimeValue } from "../../value.ts";
import type { PresetName } from "../../vision/index.ts";
import { InferenceSession } from "../../worker/index.ts";
import { errorOf } from "../../worker/protocol.ts";
import { prepareImage } from "../image-task.ts";
import { resultValue } from "../result-value.ts";
import type { TopEntry } from "../top-classes.ts";
import type { PictureAnswer, PictureReply, PictureRequest } from "./picture-requests.ts";

/** What all workers have in common. */
export interface PictureTask {
  readonly model: Uint8Array;
  readonly externalData: readonly ExternalDataFile[];
  readonly preset: PresetName | undefined;
  /** The best classes of what the model gives; throws where it is no such model. */
  readonly rank: (values: readonly RuntimeValue[]) => TopEntry[];
  /** A picture that takes longer ends its worker. */
  readonly timeoutMs: number | undefined;
}

/** A thread with a session of its own, which works on one picture at a time. */
export class PictureWorker {
  readonly #task: PictureTask;
  readonly #thread: Worker;
  readonly #pictures: MessagePort;
  #session: InferenceSession | undefined;
  #waiting: { resolve(reply: PictureReply): void; reject(error: unknown): void } | undefined;
  /** Why the thread is no more. */
  #ended: Error | undefined;

  private constructor(task: PictureTask) {
    const { port1, port2 } = new MessageChannel();
    this.#task = task;
    this.#pictures = port1;
    this.#thread = new Worker(new URL("./batch-worker.js", import.meta.url), {
      workerData: { pictures: port2 },
      transferList: [port2],
      // The process's own flags may be none for a thread.
      execArgv: [],
    });
    this.#thread.on("error", (error) => this.#end(new WorkerError(`the worker has died: ${error.message}`)));
    this.#thread.on("exit", (code) => this.#end(new WorkerError(`the worker has died: exit code ${code}`)));
    port1.on("message", (answer: PictureAnswer) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if ("error" in answer) waiting?.reject(errorOf(answer.error));
      else waiting?.resolve(answer.picture);
    });
  }

  /** Starts a thread, with a session that has run once; throws what would go wrong with every picture. */
  static async start(task: PictureTask): Promise<PictureWorker> {
    const worker = new PictureWorker(task);
    try {
      const { model, externalData } = task;
      worker.#session = await InferenceSession.create(model, { worker: worker.#thread, externalData });
      const dot = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
      const { input, tensor } = prepareImage(worker.#session, dot, task.preset);
      await worker.#ranked({ [input]: tensor });
      return worker;
    } catch (error) {
      await worker.stop();
      throw error;
    }
  }

  /** Whether it can take another picture: a thread that dies, or has to be ended, is to be replaced. */
  get isAlive(): boolean {
    return this.#ended === undefined;
  }

  /** The best classes of the picture in a file. */
  async classify(path: string): Promise<TopEntry[]> {
    const { timeoutMs } = this.#task;
    // Decoding heeds no signal: time that is up ends the thread.
    const timer = timeoutMs && setTimeout(() => this.#end(new TimeoutError(timeoutMs)), timeoutMs);
    try {
      const { input, type, dims, data } = await this.#prepared(path);
      return await this.#ranked({ [input]: new Tensor(type, data as never, dims) });
    } catch (error) {
      throw this.#ended ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the thread, where it has not ended, and lets go of what it had. */
  async stop(): Promise<void> {
    await this.#session?.release().catch(() => undefined);
    this.#end(new WorkerError("the worker has been stopped"));
    // Without a call under way the process would not wait for it.
    this.#thread.ref();
    await this.#thread.terminate();
  }

  async #ranked(feeds: Feeds): Promise<TopEntry[]> {
    const session = this.#session as InferenceSession;
    const results = await session.run(feeds, undefined, { transferFeeds: true });
    return this.#task.rank(session.outputNames.map((name) => resultValue(results[name])));
  }

  #prepared(path: string): Promise<PictureReply> {
    const { inputMetadata, outputMetadata } = this.#session as InferenceSession;
    const taker = { inputMetadata, outputMetadata };
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      this.#waiting = { resolve, reject };
      this.#pictures.postMessage({ path, taker, preset: this.#task.preset } satisfies PictureRequest);
    });
  }

  #end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#waiting?.reject(reason);
    this.#pictures.close();
    void this.#thread.terminate();
  }
}
