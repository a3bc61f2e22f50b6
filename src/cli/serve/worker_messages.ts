/**
 * The messages between the main thread and a worker.
 *
 * @module
 */
import type { TlsContextUpdate } from "../../../mod.ts";
import type { HostAndPort } from "../host_and_port.ts";
import type { Figures } from "./counters.ts";
import type { ServerSettings } from "./settings.ts";

/** The first message to a worker. */
export interface WorkerStart {
  readonly settings: ServerSettings;
  /** The number of the worker, from 1. */
  readonly worker: number;
  /** The port to listen on; 0 for any free port. */
  readonly port: number;
  /** The port for all other messages. */
  readonly channel: MessagePort;
  /** A port to a store of the main thread; `null` if the worker opens the store itself. */
  readonly store: MessagePort | null;
  /** The memory of a store that all threads share, which the worker opens. */
  readonly memory: SharedArrayBuffer | undefined;
  /** The name of the store, for messages. */
  readonly storeName: string;
}

/** A message to a worker. */
export type ToWorker =
  | { readonly type: "figures" }
  | { readonly type: "update"; readonly changes: TlsContextUpdate }
  | { readonly type: "drain"; readonly timeout: number };

/** A message from a worker. */
export type FromWorker =
  | ({ readonly type: "listening" } & HostAndPort)
  | { readonly type: "failed"; readonly failure: WorkerFailure }
  | { readonly type: "figures"; readonly figures: Figures }
  | { readonly type: "line"; readonly line: string }
  | {
    readonly type: "warning";
    readonly topic: string;
    readonly message: string;
  }
  | { readonly type: "dead"; readonly message: string }
  | { readonly type: "drained" };

/** An error, in a form that can be sent to another thread. */
export interface WorkerFailure {
  readonly message: string;
  /** The message of the missing permission, if that was the cause. */
  readonly missingPermission: string | undefined;
}
