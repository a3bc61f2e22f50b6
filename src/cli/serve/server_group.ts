import type { TlsContextUpdate } from "../../../mod.ts";
import type { HostAndPort } from "../host_and_port.ts";
import type { Figures } from "./counters.ts";
import { Server, type ServerEvents, type ServerParts } from "./server.ts";

/** The events of a group of servers. */
export interface ServerGroupEvents extends ServerEvents {
  /** A worker has ended by itself, and will be restarted. */
  onWorkerEnd(message: string): void;
}

/** All servers of the process: one in this thread, or one in each worker. */
export interface ServerGroup {
  /** The address that they listen on. */
  readonly addr: HostAndPort;
  /** How many of them listen now. */
  readonly serving: number;
  /** How many workers have been restarted. */
  readonly restarts: number;
  /** The sum of their figures. */
  figures(): Promise<Figures>;
  /** Replaces certificates, keys and CAs for new connections. */
  update(changes: TlsContextUpdate): void;
  /** Stops listening, and resolves when all connections have ended, at the latest by force. */
  drain(timeout: number): Promise<void>;
}

/** A group of one server, in this thread. */
export function singleServer(
  parts: Omit<ServerParts, "port" | "worker">,
): ServerGroup {
  const server = new Server({ ...parts, port: parts.settings.port, worker: 1 });
  return {
    addr: server.addr,
    // The process ends with the server.
    serving: 1,
    restarts: 0,
    update: (changes) => server.update(changes),
    figures: () => Promise.resolve(server.figures()),
    drain: (timeout) => server.drain(timeout),
  };
}
