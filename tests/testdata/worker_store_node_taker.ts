/** A worker of `node:worker_threads` that takes sessions over its `parentPort`. */

import { parentPort, workerData } from "node:worker_threads";
import { WorkerSessionStore } from "../../src/stores/worker.ts";
import { takeAll } from "./worker_store_take_all.ts";

if (parentPort === null) throw new Error("This is for a worker");
const store = new WorkerSessionStore(parentPort);
const taken = await takeAll(store, workerData.count);
store.close();
parentPort.postMessage({ taken });
