/**
 * The measurement of requests: a server in this process, and clients in another.
 *
 * @module
 */
import type { Measurement } from "./measurements.mjs";

/** A server that answers every request with {@linkcode ANSWER}. */
export interface HttpsServer {
  port: number;
  close(): Promise<void>;
}

/** What each request is answered with. */
export const ANSWER: string;

/**
 * Requests in a second of this process's processor time, while clients ask over and over
 * on connections that are kept.
 */
export function underRequests(
  m: Measurement,
  seconds: number,
  certificates: string,
  serve: (
    options: { cert: string; key: string },
    onRequest: () => void,
  ) => Promise<HttpsServer>,
): Promise<number>;
