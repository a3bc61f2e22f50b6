using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "start", worker = .start)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "start")],
);

const start :Workerd.Worker = (
  compatibilityDate = "2026-11-17",
  modules = [
    # Both are found by workerd's --import-path.
    (name = "worker.js", esModule = embed "/worker.js"),
    (name = "openssl.wasm", wasm = embed "/openssl.wasm"),
  ],
);
