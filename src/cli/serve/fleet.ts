import type { TlsContextUpdate } from "../../tls/context/context_update.ts";
import type { Figures } from "./counters.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { Server, type ServerEvents, type ServerParts } from "./server.ts";

/** What a fleet tells of. */
export interface FleetEvents extends ServerEvents {
  /** A worker has ended by itself, and what is done about it. */
  onWorkerEnd(message: string): void;
}

/** All servers of a process. */
export interface Fleet {
  /** Where they listen. */
  readonly addr: HostAndPort;
  /** How many of them listen now. */
  readonly serving: number;
  /** How many workers were started in place of others that had ended. */
  readonly restarts: number;
  /** What has become of connections so far. */
  figures(): Promise<Figures>;
  /** Serves with other certificates, keys and authorities from now on. */
  update(changes: TlsContextUpdate): void;
  /** Takes no more connections, and ends when those that are open have: at last by force. */
  drain(timeout: number): Promise<void>;
}

/** A fleet of one, in this thread. */
export function singleServer(
  parts: Omit<ServerParts, "port" | "worker">,
): Fleet {
  const server = new Server({ ...parts, port: parts.settings.port, worker: 1 });
  return {
    addr: server.addr,
    // Otherwise the process ends.
    serving: 1,
    restarts: 0,
    update: (changes) => server.update(changes),
    figures: () => Promise.resolve(server.figures()),
    drain: (timeout) => server.drain(timeout),
  };
}
