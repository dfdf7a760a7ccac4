// The page's side: calls under way, by their numbers, and the worker that they went to.
import { UsageError } from "../errors.ts";
import { WorkerError } from "../runtime/threading.ts";
import { type Call, type Event, errorOf, type Reply, type Request } from "./protocol.ts";

/** A worker of a page or of Node that somebody has started of `lanewise/session-worker.js`. */
export interface SessionWorker {
  /**
   * Sends a message, as Worker and MessagePort do.
   *
   * @param transfer - What is handed over instead of copied.
   */
  postMessage(message: unknown, transfer?: never): void;
  /** Ends the worker. */
  terminate(): unknown;
}

/** A worker, of whatever platform. */
export interface Port {
  post(request: Request, transfer: readonly ArrayBuffer[]): void;
  /** Whether the process shall wait for the worker: while a call is under way. */
  hold(busy: boolean): void;
  terminate(): void;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
  readonly onEvent: ((event: Event) => void) | undefined;
}

interface CallOptions {
  readonly transfer?: readonly ArrayBuffer[];
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: Event) => void) | undefined;
}

export class Connection {
  readonly #port: Port;
  readonly #waiting = new Map<number, Waiting>();
  #dead: WorkerError | undefined;
  #calls = 0;

  constructor(start: (onReply: (reply: Reply) => void, onDeath: (reason: string) => void) => Port) {
    this.#port = start(
      (reply) => this.#take(reply),
      (reason) => this.#end(new WorkerError(`the worker has died: ${reason}`)),
    );
  }

  /** Rejects with what the worker throws, or as soon as it fires with the signal's reason; the worker stops then, too. */
  call<Result>(call: Call, { transfer = [], signal, onEvent }: CallOptions = {}): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#dead !== undefined) throw this.#dead;
      const id = ++this.#calls;
      const stop = (): void => {
        this.#port.post({ id, call: "abort" }, []);
        this.#finish(id)?.reject(signal?.reason);
      };
      const settled = <T extends unknown[]>(settle: (...args: T) => void) => {
        return (...args: T): void => {
          signal?.removeEventListener("abort", stop);
          settle(...args);
        };
      };
      try {
        this.#port.post({ id, call, stoppable: signal !== undefined }, transfer);
      } catch (cause) {
        throw new UsageError(`cannot be handed to a worker: ${(cause as Error).message}`, { cause });
      }
      this.#waiting.set(id, { resolve: settled(resolve), reject: settled(reject), onEvent });
      signal?.addEventListener("abort", stop, { once: true });
      this.#port.hold(true);
    });
  }

  /** Ends the worker; calls under way are rejected. */
  close(): void {
    this.#end(new WorkerError("the worker has been closed"));
    this.#port.terminate();
  }

  #take(reply: Reply): void {
    if ("event" in reply) this.#waiting.get(reply.id)?.onEvent?.(reply.event);
    else if ("error" in reply) this.#finish(reply.id)?.reject(errorOf(reply.error));
    else this.#finish(reply.id)?.resolve(reply.value as never);
  }

  #finish(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#port.hold(false);
    return waiting;
  }

  #end(error: WorkerError): void {
    this.#dead ??= error;
    for (const id of [...this.#waiting.keys()]) this.#finish(id)?.reject(this.#dead);
  }
}
