/**
 * A web worker that takes sessions: told how many there are, from a store that
 * is served over the port that comes along or over the worker's own channel, it
 * tells which ones it got.
 */

import { type EventPort, WorkerSessionStore } from "../../src/stores/worker.ts";
import { takeAll } from "./worker_store_take_all.ts";

const scope = self as unknown as EventPort;
// Among its messages are those of the store, if that has no port of its own.
scope.addEventListener("message", async (event) => {
  const { count, port } = (event as MessageEvent).data;
  if (typeof count !== "number") return;
  const store = new WorkerSessionStore(port ?? scope);
  const taken = await takeAll(store, count);
  store.close();
  scope.postMessage({ taken }, []);
});
scope.postMessage("ready", []);
