import { concat, latin1 } from "../../internal/bytes.ts";
import {
  SSL_EARLY_DATA_ACCEPTED,
  SSL_EARLY_DATA_NOT_SENT,
  SSL_OP_NO_RENEGOTIATION,
  TLS1_3_VERSION,
} from "../../libssl/constants.ts";
import { http2Status } from "../http2.ts";
import type { ClientState } from "./client_state.ts";
import {
  type ClientConnection,
  ConnectionFailed,
  type ConnectionParts,
} from "./client_connection.ts";
import type { ClientSession } from "./session.ts";
import { refused } from "./client_instance.ts";
import { offer } from "./visit_settings.ts";
import type {
  OpenVisit,
  Visit,
  VisitFailure,
  VisitOptions,
} from "./visit_types.ts";

/** The most data of one record. */
const MAX_EARLY_RECORD = 2 ** 14;
/** A record of application data that can't be decrypted. */
const DAMAGED_RECORD = Uint8Array.from([23, 3, 3, 0, 32, ...Array(32).fill(0)]);

/** From how many bytes on data is read, but not kept. */
const MAX_DATA = 2 ** 16;
/** How long more data is waited for, in milliseconds. */
const AFTER_DATA_MS = 20;
/** How many times longer a server may be silent before what it is known to send. */
const PATIENCE = 10;
/** How long the answer to the first request is waited for. */
const FIRST_ANSWER_MS = 2_000;

/** What a visit works with. */
export interface VisitingParts extends ConnectionParts {
  readonly client: ClientState;
  readonly connection: ClientConnection;
  /** The sessions that have come so far. */
  readonly sessions: readonly ClientSession[];
}

/** The course of a visit: early data, handshake, tickets, what it is for, and its end. */
export class Visiting implements OpenVisit {
  earlyData: Visit["earlyData"] = "not sent";
  retried = false;
  readonly #parts: VisitingParts;
  readonly #data: Uint8Array[] = [];
  /** How many pieces of the data were returned by `read`. */
  #returned = 0;
  #dataBytes = 0;

  /** Makes the course of a visit, which {@linkcode run} begins. */
  constructor(parts: VisitingParts) {
    this.#parts = parts;
  }

  /** The application data so far, as much of it as is kept. */
  get data(): Uint8Array {
    return concat(this.#data);
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
    if (options.use) await this.#quietly(options.use(this));
    else if (isInOrder(options)) await this.#sendRequest(options);
    if (this.#isUnanswered(options)) {
      connection.failure ??= closed("without an answer");
    }
    const failure = connection.failure ?? this.#cutOff(options);
    const isOpen = this.#isAdmitted;
    await this.#quietly(this.#end(options));
    return !isOpen || (options.end !== "alert" && !this.#isAdmitted)
      ? { open: false, failure: connection.failure }
      : { open: true, failure: options.use ? failure : null };
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { libssl, ssl, connection } = this.#parts;
    if (bytes.length === 0) return;
    // It may come to wait for the server, as in a renegotiation.
    await connection.drive(() => libssl.SSL_write(ssl, bytes), null);
  }

  async read(ms?: number): Promise<Uint8Array> {
    const { connection } = this.#parts;
    for (;;) {
      const heard = await this.#quietly(
        connection.read(ms ?? this.#patience),
      );
      if (heard === undefined || typeof heard === "string") break;
      this.#take(heard);
    }
    const news = concat(this.#data.slice(this.#returned));
    this.#returned = this.#data.length;
    return news;
  }

  async renegotiate(session?: ClientSession): Promise<{ resumed: boolean }> {
    const { libssl, ssl, connection } = this.#parts;
    libssl.SSL_clear_options(ssl, SSL_OP_NO_RENEGOTIATION);
    if (session) offer(libssl, ssl, session);
    const begun = session
      ? libssl.SSL_renegotiate_abbreviated(ssl)
      : libssl.SSL_renegotiate(ssl);
    if (begun !== 1) throw refused(libssl, "to renegotiate");
    // It is complete when OpenSSL says so: the server may ignore it.
    const driven = await connection.drive(
      () => libssl.SSL_do_handshake(ssl),
      PATIENCE * this.#silence,
    );
    if (driven === "done") {
      return { resumed: libssl.SSL_session_reused(ssl) === 1 };
    }
    throw new Error(
      driven === "silence"
        ? "the server doesn't answer a renegotiation"
        : "the server ended the connection",
    );
  }

  #take(heard: Uint8Array): void {
    if (this.#dataBytes >= MAX_DATA) return;
    this.#dataBytes += heard.length;
    this.#data.push(heard);
  }

  get #silence(): number {
    return this.#parts.client.silence;
  }

  /** How long more is waited for: a server that has sent data has said what matters. */
  get #patience(): number {
    return this.#data.length > 0
      ? Math.min(this.#silence, AFTER_DATA_MS)
      : this.#silence;
  }

  /** How long the answer to a request is waited for. */
  get #answerPatience(): number {
    const { hasAnswered, patience, parts: { adapts } } = this.#parts.client;
    if (hasAnswered) return PATIENCE * this.#silence;
    // How long the others are waited for depends on the first.
    return adapts && !patience.knowsAnswer
      ? Math.max(this.#silence, FIRST_ANSWER_MS)
      : this.#silence;
  }

  /** In TLS 1.3 a server refuses a client's certificate when the client's handshake is complete. */
  get #isAdmitted(): boolean {
    const { connection: { failure } } = this.#parts;
    return failure === null || failure.kind === "timeout" ||
      this.#data.length > 0;
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
      connection.ended === "cut off" && this.#dataBytes === 0;
  }

  async #handshake({ earlyData }: VisitOptions): Promise<boolean> {
    const { libssl, ssl, client, connection, trace } = this.#parts;
    const done = await this.#quietly((async () => {
      if (earlyData) await this.#sendEarlyData(earlyData);
      return await connection.drive(() => libssl.SSL_do_handshake(ssl), null);
    })());
    this.retried = trace.hellos > 1;
    if (trace.helloMs !== null) client.patience.helloCame(trace.helloMs);
    if (done === "closed") {
      connection.failure = closed("during the handshake");
    }
    if (earlyData) this.earlyData = this.#earlyDataStatus();
    return done === "done";
  }

  /** OpenSSL takes what fits the record layer; the rest follows. */
  async #sendEarlyData(data: Uint8Array): Promise<void> {
    const { libssl, ssl, connection } = this.#parts;
    for (let at = 0; at < data.length;) {
      const written = { value: 0 };
      const part = data.subarray(at, at + MAX_EARLY_RECORD);
      const driven = await connection.drive(
        () => libssl.SSL_write_early_data(ssl, part, written),
        null,
      );
      if (driven !== "done") return;
      at += written.value;
    }
  }

  #earlyDataStatus(): Visit["earlyData"] {
    const { libssl, ssl } = this.#parts;
    const status = libssl.SSL_get_early_data_status(ssl);
    if (status === SSL_EARLY_DATA_ACCEPTED) return "accepted";
    return status === SSL_EARLY_DATA_NOT_SENT ? "not sent" : "rejected";
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
      const heard = await this.#quietly(
        connection.read(this.#silence * (isFirst ? PATIENCE : 1), isEnough),
      );
      if (heard === undefined || typeof heard === "string") break;
      this.#take(heard);
    }
  }

  /** Sends the audit's request, and reads the answer to its end. */
  async #sendRequest({ name }: VisitOptions): Promise<void> {
    const { client, connection, libssl, ssl } = this.#parts;
    const { request, defaults } = client.parts;
    const protocol = latin1(libssl.SSL_get0_alpn_selected(ssl));
    const bytes = request(name ?? defaults.name, protocol);
    await this.#quietly(this.write(bytes));
    if (bytes.length === 0) return;
    const begin = performance.now();
    do {
      const heard = await this.#quietly(connection.read(this.#answerPatience));
      client.patience.knowsAnswer = true;
      if (heard === undefined || typeof heard === "string") return;
      if (!client.hasAnswered) {
        client.patience.answerCame(performance.now() - begin);
      }
      client.hasAnswered = true;
      this.#take(heard);
      // A server of HTTP/2 has something else to say first.
    } while (
      protocol === "h2" && this.#dataBytes < MAX_DATA &&
      http2Status(this.data) === null
    );
    await this.read();
  }

  async #end({ end = "close_notify", use }: VisitOptions): Promise<void> {
    const { libssl, ssl, connection, trace } = this.#parts;
    if (connection.failure) return;
    if (end === "alert") {
      // OpenSSL answers what it can't decrypt by a fatal alert.
      trace.ignoresServer = true;
      connection.inject(DAMAGED_RECORD);
      await this.read();
    }
    if (end !== "close_notify") return await connection.end(this.#silence);
    libssl.SSL_shutdown(ssl);
    await connection.flush();
    // What the server has to say of the client's certificate comes before its own end.
    if (libssl.SSL_version(ssl) === TLS1_3_VERSION) await this.read();
    // Without an answer nothing tells that the server has completed the handshake.
    else if (use) await connection.end(this.#silence);
  }

  /** Waits for an action. If the connection fails, {@linkcode ClientConnection.failure} says how. */
  async #quietly<T>(action: Promise<T>): Promise<T | undefined> {
    try {
      return await action;
    } catch (error) {
      if (error instanceof ConnectionFailed) return undefined;
      throw error;
    }
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
