import type { DeliveryStatus } from "./network/types.ts";
import type { Endpoint } from "./endpoint.ts";
import { checkBoolean } from "../internal/option_checks.ts";
import { optionTypeError } from "../internal/option_error.ts";
import { ownOptions } from "../internal/own_options.ts";
import { received } from "../internal/received.ts";
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
  /** The seed of the test, which the trace shows so that the test can be repeated. */
  seed?: Seed | undefined;
  /** The clock of the trace. By default the system's. */
  clock?: Pick<VirtualClock, "now"> | undefined;
  /**
   * Whether tickets and PSK identities are shown as hashes, and randoms, keys, signatures and
   * verify data by their first bytes. Session ids are shown in full. With `false` the trace
   * is as secret as the traffic.
   *
   * @default {true}
   */
  redact?: boolean | undefined;
}

/**
 * Records a connection: its messages, which OpenSSL's message callback reports, and its bytes,
 * which the caller or a `Network` reports.
 *
 * @example A ladder diagram of a handshake
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
  /** The trace, which grows with the connection. */
  readonly trace: Trace;
  /** Adds a line of a key log: the `keyLog` option of a context. */
  readonly keyLog: (line: string) => void;
  readonly #log: TraceLog;
  readonly #ends = new Map<Endpoint, () => TraceOutcome>();
  readonly #listened = new Set<Endpoint>();

  /**
   * Creates a recorder of one connection, whose time starts now.
   *
   * @throws {TypeError} If an option has the wrong type or an unknown name.
   */
  constructor(options: TraceRecorderOptions = {}) {
    const { seed, clock = SYSTEM_CLOCK, redact = true } = ownOptions(
      options,
      { seed: true, clock: true, redact: true },
    );
    if (typeof clock?.now !== "function") {
      throw optionTypeError(
        "clock",
        `must have a method now, received ${received(clock)}`,
      );
    }
    checkBoolean(redact, "redact");
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
   * Records the messages and the outcome of an engine. The recorder sets its message callback,
   * unless {@linkcode TraceRecorder.listener} was called for this endpoint.
   */
  watch(role: Endpoint, engine: TlsEngine): void {
    this.#ends.set(role, () => outcomeOf(engine));
    if (this.#listened.has(role)) return;
    connections.get(engine).observe(observerOf(this.#log, role));
  }

  /**
   * Records the outcome of a socket. Its messages must reach
   * {@linkcode TraceRecorder.listener}.
   */
  watchSocket(role: Endpoint, socket: TlsSocket): void {
    this.#ends.set(role, outcomeOfSocket(socket));
  }

  /**
   * Returns a function for the message callback of an endpoint, where the callback does more
   * than to record. It records every message if it is set before the endpoint is created.
   */
  listener(role: Endpoint): TraceListener {
    this.#listened.add(role);
    return listenerOf(this.#log, role);
  }

  /**
   * Records the delivery or loss of bytes of an endpoint, which are copied: as they arrive, or,
   * if they are lost, as they were sent. It must be called before the peer receives them.
   */
  wire(from: Endpoint, bytes: Uint8Array, status: DeliveryStatus): void {
    if (bytes.length > 0) this.#log.passed(from, bytes, status);
  }

  /** Records a note, such as the next step of the test. */
  note(text: string): void {
    this.#log.add({ type: "note", from: null, text });
  }
}

const SYSTEM_CLOCK = { now: (): number => Date.now() };
