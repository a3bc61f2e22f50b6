/**
 * A thread of `serve --workers`: a server with an OpenSSL of its own.
 *
 * @module
 */
import type { SessionStore } from "../../stores/session_store.ts";
import { WorkerSessionStore } from "../../stores/worker.ts";
import { openStore } from "../open_store.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./messages.ts";
import { Server } from "./server.ts";
import { storeEvents } from "./store_events.ts";
import { failureText } from "../format.ts";

interface OwnStore {
  readonly store: SessionStore;
  readonly close?: () => Promise<void>;
}

addEventListener("message", (event) => {
  begin((event as MessageEvent<WorkerStart>).data);
}, { once: true });

async function begin(start: WorkerStart): Promise<void> {
  const { channel } = start;
  const say = (message: FromWorker): void => channel.postMessage(message);
  try {
    const own = await openOwnStore(start, say);
    const server = startServer(start, own.store, say);
    channel.onmessage = async (
      { data: message }: MessageEvent<ToWorker>,
    ): Promise<void> => {
      if (message.type === "update") {
        // It was tried in the main thread.
        server.update(message.changes);
        return;
      }
      if (message.type === "drain") {
        await server.drain(message.timeout);
        await own.close?.();
      }
      say({ type: "figures", figures: server.figures() });
      if (message.type === "drain") say({ type: "drained" });
    };
    say({ type: "listening", ...server.addr });
  } catch (error) {
    say({ type: "failed", message: failureText(error) });
  }
}

async function openOwnStore(
  { store, settings }: WorkerStart,
  say: (message: FromWorker) => void,
): Promise<OwnStore> {
  if (store !== null) return { store: new WorkerSessionStore(store) };
  const { spec, encryptKeyFile } = settings.store;
  return await openStore(spec, {
    ...(encryptKeyFile !== undefined && { encryptKeyFile }),
    ...storeEvents((sort, message) => say({ type: "trouble", sort, message })),
  });
}

function startServer(
  { settings, worker, port, storeName }: WorkerStart,
  store: SessionStore,
  say: (message: FromWorker) => void,
): Server {
  return new Server({
    settings,
    port,
    worker,
    store,
    storeName,
    events: {
      onLine: (line) => say({ type: "line", line }),
      onTrouble: (sort, message) => say({ type: "trouble", sort, message }),
      onDead: (message) => say({ type: "dead", message }),
    },
  });
}
