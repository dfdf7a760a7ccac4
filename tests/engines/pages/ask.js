/** What a worker answers; a service worker is asked through `port`s of a channel. */
export const answerOf = (worker) =>
  new Promise((resolve, reject) => {
    const settle = ({ data }) => (data.error === undefined ? resolve(data.result) : reject(data.error));
    worker.addEventListener("error", (event) =>
      reject(event.message ?? "the worker's script could not be loaded"),
    );
    if (globalThis.ServiceWorker !== undefined && worker instanceof ServiceWorker) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = settle;
      worker.postMessage("classify", [port2]);
    } else {
      worker.addEventListener("message", settle);
      worker.postMessage("classify");
    }
  });
