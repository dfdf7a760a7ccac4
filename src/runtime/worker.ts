import { controlView, failControl, meet, takeUp } from "./barrier.ts";
import { instantiate, type Kernel } from "./instantiate.ts";
import type { KernelCall, WorkerMessage } from "./threading.ts";

interface LoadedSession {
  readonly memory: WebAssembly.Memory;
  /** The main module, then those beside it. */
  readonly modules: ReturnType<typeof instantiate>[];
  readonly control: Int32Array;
  readonly plans: Map<number, readonly (BoundCall | undefined)[]>;
}

interface BoundCall {
  readonly kernel: Kernel;
  readonly args: number[];
}

const sessions = new Map<number, LoadedSession>();

/** What a worker does with a message from the main thread. */
export function handleMessage(message: WorkerMessage): void {
  if (message.kind === "load") load(message);
  else if (message.kind === "unload") sessions.delete(message.session);
  else if (message.kind === "bind") bindPlan(message);
  else if (message.kind === "forget") sessions.get(message.session)?.plans.delete(message.plan);
  else run(message);
}

function load({ session, module, memory, control }: Extract<WorkerMessage, { kind: "load" }>): void {
  sessions.set(session, {
    memory,
    modules: [instantiate(module, memory)],
    control: controlView(memory, control),
    plans: new Map(),
  });
}

function bindPlan({ session, plan, calls, beside }: Extract<WorkerMessage, { kind: "bind" }>): void {
  const loaded = sessions.get(session);
  if (loaded === undefined) return;
  const { modules, memory } = loaded;
  for (const module of beside.slice(modules.length - 1)) modules.push(instantiate(module, memory));
  loaded.plans.set(
    plan,
    calls.map((call) => call && bind(loaded, call)),
  );
}

/** The last two arguments, part and parts, are filled in at each run. */
const bind = (session: LoadedSession, call: KernelCall): BoundCall => ({
  kernel: session.modules.find((kernels) => call.kernel in kernels)?.[call.kernel] as Kernel,
  args: [...call.args],
});

function run({ session, plan, part, parts, from }: Extract<WorkerMessage, { kind: "run" }>): void {
  const loaded = sessions.get(session);
  const calls = loaded?.plans.get(plan);
  if (loaded === undefined || calls === undefined) return;
  takeUp(loaded.control);
  try {
    for (let i = from; i < calls.length; i++) {
      const call = calls[i];
      if (call !== undefined) {
        const { args } = call;
        args[args.length - 2] = part;
        args[args.length - 1] = parts;
        call.kernel(...args);
      }
      if (meet(loaded.control, parts, true)) return;
    }
  } catch {
    // The main thread hears of it at the barrier and throws there.
    failControl(loaded.control);
  }
}
