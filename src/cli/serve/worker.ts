/**
 * A worker of `serve --workers`: a server with its own instance of OpenSSL.
 *
 * @module
 */
import type { SessionStore } from "../../../mod.ts";
import { WorkerSessionStore } from "../../stores/worker.ts";
import { errorText } from "../format.ts";
import { openStore } from "../open_store.ts";
import { missingPermission } from "../permissions.ts";
import { Server } from "./server.ts";
import { storeEvents } from "./store_events.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker_messages.ts";

interface OwnStore {
  readonly store: SessionStore;
  readonly close?: () => Promise<void>;
}

addEventListener("message", (event) => {
  start((event as MessageEvent<WorkerStart>).data);
}, { once: true });

async function start(start: WorkerStart): Promise<void> {
  const { channel } = start;
  const post = (message: FromWorker): void => channel.postMessage(message);
  try {
    const own = await openOwnStore(start, post);
    const server = startServer(start, own.store, post);
    channel.onmessage = async (
      { data: message }: MessageEvent<ToWorker>,
    ): Promise<void> => {
      if (message.type === "update") {
        // The main thread has checked the options.
        server.update(message.changes);
        return;
      }
      if (message.type === "drain") {
        await server.drain(message.timeout);
        await own.close?.();
      }
      post({ type: "figures", figures: server.figures() });
      if (message.type === "drain") post({ type: "drained" });
    };
    post({ type: "listening", ...server.addr });
  } catch (error) {
    const failure = {
      message: errorText(error),
      missingPermission: missingPermission(error),
    };
    post({ type: "failed", failure });
  }
}

async function openOwnStore(
  { store, memory, settings }: WorkerStart,
  post: (message: FromWorker) => void,
): Promise<OwnStore> {
  if (store !== null) return { store: new WorkerSessionStore(store) };
  const { spec, encryptKeyFile } = settings.store;
  return await openStore(spec, {
    ...(encryptKeyFile !== undefined && { encryptKeyFile }),
    ...(memory && { sharedMemory: memory }),
    ...storeEvents((topic, message) =>
      post({ type: "warning", topic, message })
    ),
  });
}

function startServer(
  { settings, worker, port, storeName }: WorkerStart,
  store: SessionStore,
  post: (message: FromWorker) => void,
): Server {
  return new Server({
    settings,
    port,
    worker,
    store,
    storeName,
    events: {
      onLine: (line) => post({ type: "line", line }),
      onWarning: (topic, message) => post({ type: "warning", topic, message }),
      onDead: (message) => post({ type: "dead", message }),
    },
  });
}
