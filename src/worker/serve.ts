// The worker's side: sessions by their numbers, and what is asked of them.
import { UsageError } from "../errors.ts";
import { InferenceSession } from "../index.ts";
import type { Tensor } from "../tensor.ts";
import { threading } from "../threads.ts";
import {
  type Call,
  type CreatedSession,
  clonedError,
  clonedValues,
  type Event,
  type Reply,
  type Request,
} from "./protocol.ts";

type Post = (reply: Reply, transfer?: ArrayBuffer[]) => void;

interface Asked {
  readonly signal: AbortSignal | undefined;
  readonly tell: (event: Event) => void;
}

/** Answers requests; `post` sends to whoever asked. */
export function serve(post: Post): (request: Request) => void {
  const sessions = new Map<number, InferenceSession>();
  const stops = new Map<number, AbortController>();

  const answer = async ({ id, call, stoppable }: Exclude<Request, { call: "abort" }>): Promise<void> => {
    const stop = stoppable ? new AbortController() : undefined;
    if (stop !== undefined) stops.set(id, stop);
    const transfer: ArrayBuffer[] = [];
    const asked: Asked = { signal: stop?.signal, tell: (event) => post({ id, event }) };
    try {
      post({ id, value: await done(sessions, id, call, asked, transfer) }, transfer);
    } catch (error) {
      post({ id, error: clonedError(error) });
    } finally {
      stops.delete(id);
    }
  };

  return (request) => {
    if (request.call !== "abort") return void answer(request);
    stops.get(request.id)?.abort();
    // Whoever asked for this session has stopped waiting for it just when it was there.
    void sessions.get(request.id)?.release();
    sessions.delete(request.id);
  };
}

async function done(
  sessions: Map<number, InferenceSession>,
  id: number,
  call: Call,
  { signal, tell }: Asked,
  transfer: ArrayBuffer[],
): Promise<unknown> {
  const stopping = signal && { signal };
  if (call.kind === "create") {
    const { options } = call;
    const session = await InferenceSession.create(call.model, {
      ...options,
      ...stopping,
      ...((options.threads ?? 1) !== 1 && { threading }),
      onProgress: tell,
    });
    sessions.set(id, session);
    return described(id, session);
  }
  const session = sessions.get(call.session);
  if (session === undefined) throw new UsageError("the session has been released");
  if (call.kind === "release") {
    sessions.delete(call.session);
    return session.release();
  }
  if (call.kind === "memoryUsage") return session.memoryUsage();
  const { timed, ...options } = call.options;
  const results = await session.run(call.feeds as never, call.fetches, {
    ...options,
    ...stopping,
    ...(timed && { onStep: tell }),
  });
  return clonedValues(results, (data) => moved(data, transfer));
}

const described = (id: number, session: InferenceSession): CreatedSession => ({
  session: id,
  inputNames: session.inputNames,
  outputNames: session.outputNames,
  inputMetadata: session.inputMetadata,
  outputMetadata: session.outputMetadata,
  simd: session.simd,
  threads: session.threads,
});

/** A copy that goes away with the reply: what definitions compute may be a constant of the model itself. */
function moved(data: Tensor["data"], transfer: ArrayBuffer[]): Tensor["data"] {
  if (!ArrayBuffer.isView(data)) return data;
  const copy = data.slice();
  transfer.push(copy.buffer as ArrayBuffer);
  return copy;
}
