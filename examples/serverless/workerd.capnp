using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:8080", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "build/worker.js"),
    (name = "lanewise/kernels/relaxed.wasm", wasm = embed "node_modules/lanewise/dist/kernels/relaxed.wasm"),
    (name = "model.onnx", data = embed "model.onnx"),
  ],
  compatibilityDate = "2026-01-01",
);
