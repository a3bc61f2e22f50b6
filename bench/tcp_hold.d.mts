/**
 * Idle connections over TCP: a server in this process, and a client in another.
 *
 * @module
 */
import type { Measurement } from "./measurements.mjs";

/** A server that echoes. */
export interface EchoServer {
  port: number;
  close(): Promise<void>;
}

/** Opens connections that have each echoed a byte; the result closes them. */
export function holdConnections(
  m: Measurement,
  count: number,
  certificates: string,
  serve: () => EchoServer | Promise<EchoServer>,
): Promise<() => Promise<void>>;
