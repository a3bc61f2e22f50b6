import type { TlsContextUpdate } from "../../tls/context/context_update.ts";
import type { Figures } from "./counters.ts";
import type { HostAndPort } from "../host_and_port.ts";
import type { ServerSettings } from "./settings.ts";

/** What a worker is started with. */
export interface WorkerStart {
  readonly settings: ServerSettings;
  /** Which worker it is, from 1. */
  readonly worker: number;
  /** The port to listen on; 0 for any. */
  readonly port: number;
  /** Carries all other messages. */
  readonly channel: MessagePort;
  /** Leads to a store that only the main thread can open; else the worker opens its own. */
  readonly store: MessagePort | null;
  /** The store's name, for people. */
  readonly storeName: string;
}

/** What the main thread asks of a worker. */
export type ToWorker =
  | { readonly type: "figures" }
  | { readonly type: "update"; readonly changes: TlsContextUpdate }
  | { readonly type: "drain"; readonly timeout: number };

/** What a worker says. */
export type FromWorker =
  | ({ readonly type: "listening" } & HostAndPort)
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "figures"; readonly figures: Figures }
  | { readonly type: "line"; readonly line: string }
  | {
    readonly type: "trouble";
    readonly sort: string;
    readonly message: string;
  }
  | { readonly type: "dead"; readonly message: string }
  | { readonly type: "drained" };
