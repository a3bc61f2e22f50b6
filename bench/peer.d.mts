/**
 * What the peers written in JavaScript share: arguments, loops, and lines of JSON.
 *
 * @module
 */
import type { Measurement } from "./measurements.mjs";
import type { Repeat } from "./primitives.mjs";

/** A peer, loaded only when it is measured. */
export interface Peer {
  name: string;
  load(options: PeerOptions): Promise<Partial<Implementation> & Runtime>;
  /** What a reader of the figure should know. */
  remark?(m: Measurement): string | undefined;
}

/** What a peer's command may say besides. */
export interface PeerOptions {
  /** The folder with certificates and keys. */
  certificates?: string;
  /** The module or the package that is measured. */
  subject?: string;
}

export interface Runtime {
  /** Its name and version, and those of what it stands on. */
  runtime: string;
  /** Prepares a primitive by its name, if it has that. */
  primitive?(name: string): Repeat | undefined | Promise<Repeat | undefined>;
}

/** A TLS implementation: connections between a client and a server in this process. */
export interface Implementation extends Runtime {
  /** Connects once, in full. */
  handshake(m: Measurement): Promise<void>;
  handshakesPerSecond(m: Measurement, seconds: number): Promise<number>;
  /** Resumed connections, of which only the server's side is measured. */
  serversPerSecond?(m: Measurement, seconds: number): Promise<number>;
  /** Resumed ones, with a client in another process. */
  handshakesOverTcp(m: Measurement, seconds: number): Promise<number>;
  /** The rate of bulk data over TCP, divided by that of the engine alone. */
  bulkOverTcp?(m: Measurement, seconds: number): Promise<number>;
  /** Requests to a server of HTTP/1.1, with a client in another process. */
  requestsOverHttps?(m: Measurement, seconds: number): Promise<number>;
  /** As `holdConnections`, but the server's ends alone, over TCP. */
  holdOverTcp(m: Measurement, count: number): Promise<() => Promise<void>>;
  bytesPerSecond(m: Measurement, seconds: number): Promise<number>;
  /** Opens connections that have each echoed a byte; the result closes them. */
  holdConnections(m: Measurement, count: number): Promise<() => void>;
  /** The bytes that OpenSSL has allocated now. */
  mallocFootprint?(): number;
}

/**
 * Measures what `--only` selects, each one line of JSON; what the peer can't measure
 * is a line on standard error.
 */
export function runPeer(peer: Peer): Promise<void>;

/**
 * Runs a step over and over, unmeasured at first, and says what the counts that it
 * returns add up to in a second of the process's processor time.
 */
export function rate(
  seconds: number,
  step: () => number | Promise<number>,
  warmUpSeconds?: number,
): Promise<number>;
