import { latin1 } from "../../internal/bytes.ts";
import { TLS1_3_VERSION } from "../../libssl/constants.ts";
import { http2Status } from "../http2.ts";
import { type ConnectionParts, quietly } from "./client_connection.ts";
import { earlyDataStatus, sendEarlyData } from "./early_data.ts";
import {
  MAX_DATA,
  OpenConnection,
  type OpenConnectionParts,
} from "./open_connection.ts";
import type { ClientSession } from "./session.ts";
import type { Visit, VisitFailure, VisitOptions } from "./visit_types.ts";

/** A record of application data that can't be decrypted. */
const DAMAGED_RECORD = Uint8Array.from([23, 3, 3, 0, 32, ...Array(32).fill(0)]);

/** How many times longer a server may be silent before what it is known to send. */
const ANSWER_FACTOR = 10;
/** How long the answer to the first request is waited for. */
const FIRST_ANSWER_MS = 2_000;

/** What a visit works with. */
export interface VisitingParts extends ConnectionParts, OpenConnectionParts {
  /** The sessions that have come so far. */
  readonly sessions: readonly ClientSession[];
}

/** The course of a visit: early data, handshake, tickets, what it is for, and its end. */
export class Visiting {
  retried = false;
  readonly #parts: VisitingParts;
  readonly #open: OpenConnection;

  /** Makes the course of a visit, which {@linkcode run} begins. */
  constructor(parts: VisitingParts) {
    this.#parts = parts;
    this.#open = new OpenConnection(parts);
  }

  /** Whether early data was sent, and accepted. */
  get earlyData(): Visit["earlyData"] {
    return this.#open.earlyData;
  }

  /** The application data so far, as much of it as is kept. */
  get data(): Uint8Array {
    return this.#open.data;
  }

  /**
   * Runs the visit to its end.
   *
   * @returns Whether the connection was open: the handshake was complete, and the server
   * didn't refuse the client before it had sent data; and what it failed with.
   */
  async run(options: VisitOptions): Promise<Pick<Visit, "open" | "failure">> {
    const { connection } = this.#parts;
    if (!await this.#handshake(options)) {
      return { open: false, failure: connection.failure };
    }
    await this.#settle();
    if (options.use) await quietly(options.use(this.#open));
    else if (isInOrder(options)) await this.#sendRequest(options);
    if (this.#isUnanswered(options)) {
      connection.failure ??= closed("without an answer");
    }
    const failure = connection.failure ?? this.#cutOff(options);
    const isOpen = this.#isAdmitted;
    await quietly(this.#end(options));
    return !isOpen || (options.end !== "alert" && !this.#isAdmitted)
      ? { open: false, failure: connection.failure }
      : { open: true, failure: options.use ? failure : null };
  }

  get #silence(): number {
    return this.#parts.client.silence;
  }

  /** How long the answer to a request is waited for. */
  get #answerTimeout(): number {
    const { hasAnswered, limits, parts: { adapts } } = this.#parts.client;
    if (hasAnswered) return ANSWER_FACTOR * this.#silence;
    // How long the others are waited for depends on the first.
    return adapts && !limits.knowsAnswer
      ? Math.max(this.#silence, FIRST_ANSWER_MS)
      : this.#silence;
  }

  /** In TLS 1.3 a server refuses a client's certificate when the client's handshake is complete. */
  get #isAdmitted(): boolean {
    const { connection: { failure } } = this.#parts;
    return failure === null || failure.kind === "timeout" ||
      this.#open.dataBytes > 0;
  }

  /** The failure of a connection that ended without close_notify while it was used. */
  #cutOff({ use }: VisitOptions): VisitFailure | null {
    if (!use || this.#parts.connection.ended !== "cut off") return null;
    return closed("without close_notify");
  }

  /**
   * Whether the server cut the connection off in place of the answer that it gives others: the
   * way in which Node.js refuses a client's certificate.
   */
  #isUnanswered(options: VisitOptions): boolean {
    const { client: { hasAnswered }, connection } = this.#parts;
    return !options.use && isInOrder(options) && hasAnswered &&
      connection.ended === "cut off" && this.#open.dataBytes === 0;
  }

  async #handshake({ earlyData }: VisitOptions): Promise<boolean> {
    const { libssl, ssl, client, connection, trace } = this.#parts;
    const done = await quietly((async () => {
      if (earlyData) await sendEarlyData(connection, this.#parts, earlyData);
      return await connection.drive(() => libssl.SSL_do_handshake(ssl), null);
    })());
    this.retried = trace.hellos > 1;
    if (trace.helloMs !== null) client.limits.recordHello(trace.helloMs);
    if (done === "closed") {
      connection.failure = closed("during the handshake");
    }
    if (earlyData) this.#open.earlyData = earlyDataStatus(this.#parts);
    return done === "done";
  }

  /** Reads the tickets of TLS 1.3, which follow the handshake, as many as are expected. */
  async #settle(): Promise<void> {
    const { libssl, ssl, sessions, client, connection } = this.#parts;
    if (libssl.SSL_version(ssl) !== TLS1_3_VERSION) return;
    const isResumed = libssl.SSL_session_reused(ssl) === 1;
    const expected = client.expectedTickets.get(isResumed ? "resumed" : "full");
    const isEnough = (): boolean =>
      expected !== undefined && sessions.length >= expected;
    while (!isEnough()) {
      const isFirst = expected !== undefined && sessions.length === 0;
      const heard = await quietly(
        connection.read(
          this.#silence * (isFirst ? ANSWER_FACTOR : 1),
          isEnough,
        ),
      );
      if (heard === undefined || typeof heard === "string") break;
      this.#open.take(heard);
    }
  }

  /** Sends the audit's request, and reads the answer to its end. */
  async #sendRequest({ name }: VisitOptions): Promise<void> {
    const { client, connection, libssl, ssl } = this.#parts;
    const { request, defaults } = client.parts;
    const protocol = latin1(libssl.SSL_get0_alpn_selected(ssl));
    const bytes = request(name ?? defaults.name, protocol);
    await quietly(this.#open.write(bytes));
    if (bytes.length === 0) return;
    const begin = performance.now();
    do {
      const heard = await quietly(connection.read(this.#answerTimeout));
      client.limits.knowsAnswer = true;
      if (heard === undefined || typeof heard === "string") return;
      if (!client.hasAnswered) {
        client.limits.recordAnswer(performance.now() - begin);
      }
      client.hasAnswered = true;
      this.#open.take(heard);
      // A server of HTTP/2 has something else to say first.
    } while (
      protocol === "h2" && this.#open.dataBytes < MAX_DATA &&
      http2Status(this.data) === null
    );
    await this.#open.read();
  }

  async #end({ end = "close_notify" }: VisitOptions): Promise<void> {
    const { libssl, ssl, connection, trace } = this.#parts;
    if (connection.failure) return;
    if (end === "alert") {
      // OpenSSL answers what it can't decrypt by a fatal alert.
      trace.ignoresServer = true;
      connection.inject(DAMAGED_RECORD);
      await this.#open.read();
    }
    if (end !== "close_notify") return await connection.end(this.#silence);
    libssl.SSL_shutdown(ssl);
    await connection.flush();
    // What the server has to say of the client's certificate comes before its own end.
    if (libssl.SSL_version(ssl) === TLS1_3_VERSION) await this.#open.read();
    // Without an answer nothing tells that the server has completed the handshake, and has the
    // session in its cache.
    else if (this.#open.dataBytes === 0) await connection.end(this.#silence);
  }
}

/** Whether a connection ends by close_notify: if not, no answer may end it before. */
function isInOrder({ end = "close_notify" }: VisitOptions): boolean {
  return end === "close_notify";
}

/** The failure of a connection that the server ended without an alert. */
function closed(when: string): VisitFailure {
  return {
    kind: "closed",
    alert: null,
    message: `the server ended the connection ${when}`,
  };
}
