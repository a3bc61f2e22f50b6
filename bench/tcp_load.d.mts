/**
 * The measurement over TCP: a server in this process, and clients in another.
 *
 * @module
 */
import type { Measurement } from "./measurements.mjs";

/** A server that closes each connection when its handshake is done. */
export interface TcpServer {
  port: number;
  close(): Promise<void>;
}

/** Told of each handshake that the server has completed. */
export type HandshakeListener = (isResumed: boolean) => void;

/**
 * Resumed handshakes in a second of this process's processor time, while clients
 * connect over and over.
 */
export function underLoad(
  m: Measurement,
  seconds: number,
  certificates: string,
  serve: (onHandshake: HandshakeListener) => TcpServer | Promise<TcpServer>,
): Promise<number>;

/** What every call of the servers' stores waits for. */
export function storeAnswers(): Promise<void>;
