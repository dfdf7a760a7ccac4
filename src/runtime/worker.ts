import * as loader from "@assemblyscript/loader";
import { controlView, failControl, type KernelCall, meet, type WorkerMessage } from "./threading.ts";

type Kernel = (...args: number[]) => unknown;

interface LoadedSession {
  kernel(name: string): Kernel;
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
  else if (message.kind === "bind") {
    const session = sessions.get(message.session);
    session?.plans.set(
      message.plan,
      message.calls.map((call) => call && bind(session, call)),
    );
  } else run(message);
}

function load(message: Extract<WorkerMessage, { kind: "load" }>): void {
  const { session, module, training, memory, control } = message;
  const kernels = instantiateExports(module, memory);
  let more: Readonly<Record<string, Kernel>> | undefined;
  const kernel = (name: string): Kernel => {
    if (kernels[name] === undefined && training !== undefined) more ??= instantiateExports(training, memory);
    return (kernels[name] ?? more?.[name]) as Kernel;
  };
  sessions.set(session, { kernel, control: controlView(memory, control), plans: new Map() });
}

function instantiateExports(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Readonly<Record<string, Kernel>> {
  const abort = (): never => {
    throw new Error("a kernel aborted");
  };
  return loader.instantiateSync(module, { env: { memory, abort } }).exports as never;
}

/** The last two arguments, part and parts, are filled in at each run. */
const bind = (session: LoadedSession, call: KernelCall): BoundCall => ({
  kernel: session.kernel(call.kernel),
  args: [...call.args],
});

function run({ session, plan, part, parts }: Extract<WorkerMessage, { kind: "run" }>): void {
  const loaded = sessions.get(session);
  const calls = loaded?.plans.get(plan);
  if (loaded === undefined || calls === undefined) return;
  try {
    for (const call of calls) {
      if (call !== undefined) {
        const { args } = call;
        args[args.length - 2] = part;
        args[args.length - 1] = parts;
        call.kernel(...args);
      }
      meet(loaded.control, parts, true);
    }
  } catch {
    // The main thread hears of it at the barrier and throws there.
    failControl(loaded.control);
  }
}
