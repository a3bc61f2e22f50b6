import type { DeliveryStatus } from "./network/types.ts";
import type { Endpoint } from "./endpoint.ts";
import { ownOptions } from "../internal/own_options.ts";
import { connections } from "../tls/engine/connection.ts";
import type { TlsEngine } from "../tls/engine/engine.ts";
import type { TlsSocket } from "../tls/socket/socket.ts";
import { TraceLog } from "./trace/log.ts";
import {
  outcomeOf,
  outcomeOfSocket,
  type TraceOutcome,
} from "./trace/outcome.ts";
import { Trace } from "./trace/view.ts";
import {
  listenerOf,
  observerOf,
  type TraceListener,
} from "./trace/observer.ts";
import type { VirtualClock } from "./clock.ts";
import type { Seed } from "./entropy.ts";

export type * from "./trace/events.ts";
export type * from "./trace/messages.ts";
export type { TraceBytes } from "./trace/redaction.ts";
export type { LadderOptions } from "./trace/ladder.ts";
export type { TraceFlight } from "./trace/flights.ts";
export { Trace } from "./trace/view.ts";
export type { TraceFilter } from "./trace/view.ts";
export type { TraceListener, TraceOutcome };

/** Options of {@linkcode TraceRecorder}. */
export interface TraceRecorderOptions {
  /** What the test is made from: shown, so that it can be run again. */
  seed?: Seed | undefined;
  /** What times are taken from. By default the system's clock. */
  clock?: Pick<VirtualClock, "now"> | undefined;
  /**
   * Whether tickets and names of keys are shown as hashes, and randoms, keys and proofs by
   * their first bytes. Session ids, which are on the wire in clear, are shown all the same.
   * With `false` the trace is as secret as the traffic.
   *
   * @default {true}
   */
  redact?: boolean | undefined;
}

/**
 * Takes down what happens on a connection: OpenSSL's word for the messages, and the
 * network's for the bytes.
 *
 * @example A handshake as a ladder
 * ```ts
 * import { TlsContext, TlsEngine } from "@sesame/tls";
 * import { createTestCertificate, TraceRecorder } from "@sesame/tls/testing";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const { cert, key } = createTestCertificate();
 * using context = new TlsContext({ cert, key, caCerts: [cert] });
 * using server = new TlsEngine(context, { role: "server" });
 * using client = new TlsEngine(context, {
 *   role: "client",
 *   hostname: "localhost",
 * });
 * const recorder = new TraceRecorder({ seed: "my test" });
 * recorder.watch("client", client);
 * recorder.watch("server", server);
 * while (server.state !== "open") {
 *   const toServer = client.send();
 *   recorder.wire("client", toServer, "delivered");
 *   server.receive(toServer);
 *   const toClient = server.send();
 *   recorder.wire("server", toClient, "delivered");
 *   client.receive(toClient);
 * }
 * console.log(recorder.trace.toLadder());
 * assertStringIncludes(recorder.trace.toLadder(), "SNI localhost");
 * ```
 */
export class TraceRecorder {
  /** What was taken down so far: it grows. */
  readonly trace: Trace;
  /** Takes a line of a key log: give it to a context as its `keyLog`. */
  readonly keyLog: (line: string) => void;
  readonly #log: TraceLog;
  readonly #ends = new Map<Endpoint, () => TraceOutcome>();
  readonly #listened = new Set<Endpoint>();

  /**
   * A recorder for one connection, which starts now.
   *
   * @throws {TypeError} If an option is not of its type, or has another name.
   */
  constructor(options: TraceRecorderOptions = {}) {
    const { seed, clock = SYSTEM_CLOCK, redact = true } = ownOptions(
      options,
      { seed: true, clock: true, redact: true },
    );
    if (typeof clock?.now !== "function") {
      throw new TypeError(
        `options.clock must have a function now, received ${typeof clock?.now}`,
      );
    }
    if (typeof redact !== "boolean") {
      throw new TypeError(
        `options.redact must be a boolean, received ${typeof redact}`,
      );
    }
    const log = new TraceLog(() => clock.now(), redact);
    const keys = new Set<string>();
    this.#log = log;
    this.keyLog = (line) => void keys.add(line);
    this.trace = new Trace(log, {
      seed: seed === undefined ? null : String(seed),
      keys,
      outcome: (side) => this.#ends.get(side)?.() ?? null,
    });
  }

  /**
   * Watches an end. Its message callback is the recorder's from now on, unless it has
   * {@linkcode TraceRecorder.listener} already.
   */
  watch(role: Endpoint, engine: TlsEngine): void {
    this.#ends.set(role, () => outcomeOf(engine));
    if (this.#listened.has(role)) return;
    connections.get(engine).observe(observerOf(this.#log, role));
  }

  /**
   * Watches how an end goes that is a socket: its messages come by
   * {@linkcode TraceRecorder.listener}.
   */
  watchSocket(role: Endpoint, socket: TlsSocket): void {
    this.#ends.set(role, outcomeOfSocket(socket));
  }

  /**
   * What an end's message callback has to call, where it isn't the recorder's alone: set
   * before the end is made, it misses nothing.
   */
  listener(role: Endpoint): TraceListener {
    this.#listened.add(role);
    return listenerOf(this.#log, role);
  }

  /**
   * Takes down what becomes of bytes of an end, which are copied: as they arrive, or, where
   * they never do, as they were sent. To be called before the other end gets them.
   */
  wire(from: Endpoint, bytes: Uint8Array, status: DeliveryStatus): void {
    if (bytes.length > 0) this.#log.passed(from, bytes, status);
  }

  /** Takes down what isn't on the wire, such as what the test is about to do. */
  note(text: string): void {
    this.#log.add({ type: "note", from: null, text });
  }
}

const SYSTEM_CLOCK = { now: (): number => Date.now() };
