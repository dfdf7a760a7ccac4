// Workers of a page, from a script that the bundle carries: no file beside it has to be found, copied or served. Where the
// page's policy forbids blobs, from the file of the same script that lies beside the bundle.

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/** An address as pages under Trusted Types take it: from the policy `lanewise`. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return url;
  policy ??= trustedTypes.createPolicy("lanewise", { createScriptURL: (text) => text });
  return policy.createScriptURL(url);
}

const fromText = (text: string): Worker =>
  new Worker(trusted(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))));

const fromFile = (url: string | URL): Worker => new Worker(trusted(String(url)), { type: "module" });

/** Where a script may be had: its text and the file beside the bundle, or an address that was handed in, or a worker. */
export type ScriptSource =
  | { readonly text: string; readonly file: () => URL }
  | { readonly url: string | URL }
  | { readonly worker: Worker };

export interface Script {
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  terminate(): void;
}

/** Starts a script, whose first message is "ready"; what is posted before waits for it. */
export function startScript(
  source: ScriptSource,
  onMessage: (data: unknown) => void,
  onDeath: (reason: string) => void,
): Script {
  const ways =
    "worker" in source
      ? [() => source.worker]
      : "url" in source
        ? [() => fromFile(source.url)]
        : [() => fromText(source.text), () => fromFile(source.file())];
  const early: [unknown, readonly ArrayBuffer[]][] = [];
  let ready = "worker" in source;
  let ended = false;
  let worker: Worker | undefined;

  const start = (way: () => Worker, ...others: (() => Worker)[]): void => {
    const fail = (message: string | undefined): void => {
      worker?.terminate();
      const [next, ...rest] = ready || ended ? [] : others;
      if (next !== undefined) start(next, ...rest);
      else
        onDeath(
          message ||
            "its script could not be loaded: a Content-Security-Policy must allow `worker-src blob:`, or its address be handed in",
        );
    };
    try {
      worker = way();
    } catch (error) {
      fail((error as Error).message);
      return;
    }
    worker.addEventListener("error", (event) => fail(event.message));
    worker.addEventListener("messageerror", () => fail("it sent what cannot be read"));
    worker.addEventListener("message", ({ data }) => {
      if (data !== "ready") return onMessage(data);
      ready = true;
      for (const [message, transfer] of early.splice(0)) worker?.postMessage(message, [...transfer]);
      onMessage(data);
    });
  };
  start(...(ways as [() => Worker]));

  return {
    post(message, transfer = []) {
      if (ready) worker?.postMessage(message, [...transfer]);
      else early.push([message, transfer]);
    },
    terminate() {
      ended = true;
      worker?.terminate();
    },
  };
}
