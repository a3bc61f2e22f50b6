import {
  SSL3_RT_ALERT,
  SSL3_RT_CHANGE_CIPHER_SPEC,
} from "../../../libssl/constants.ts";
import type { HelloAnswer } from "../hello_types.ts";
import type { VisitFailure } from "../visit_types.ts";
import {
  KEY_SHARE,
  NEW_SESSION_TICKET,
  SERVER_HELLO,
  SERVER_HELLO_DONE,
} from "./codes.ts";
import type { Trace } from "../../../testing/trace.ts";
import type { ExchangeTrace } from "./exchange_trace.ts";
import { AnswerEnded, malformed, onAlert } from "./failures.ts";
import { type Plaintext, PlaintextReader } from "./plaintext.ts";
import { parseServerHello, type ServerHello } from "./server_hello.ts";
import type { HelloWire } from "./hello_wire.ts";

/** A HelloRetryRequest. */
export interface Retry {
  readonly hello: ServerHello;
  readonly message: Uint8Array;
}

/** Reads a server's answer up to where it is encrypted, or where it waits for the client. */
export class AnswerReader {
  readonly #wire: HelloWire;
  readonly #trace: ExchangeTrace;
  readonly #reader = new PlaintextReader();
  #retry: Retry | null = null;
  #hello: ServerHello | null = null;
  #failure: VisitFailure | null = null;
  /** What follows a ServerHello of TLS 1.2: a full handshake has a certificate or a key. */
  #handshake: "full" | "abbreviated" | null = null;

  constructor(wire: HelloWire, trace: ExchangeTrace) {
    this.#wire = wire;
    this.#trace = trace;
  }

  /** The HelloRetryRequest, if there was one and nothing failed. */
  get retry(): Retry | null {
    return this.#failure ? null : this.#retry;
  }

  /** Reads up to the end of the answer, or to a HelloRetryRequest. */
  async read(): Promise<void> {
    await this.attempt(async () => {
      while (!this.#take(await this.#next()));
    });
  }

  /** Does what the answer may make impossible: undefined if it ends here. */
  async attempt<T>(action: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof AnswerEnded)) throw error;
      this.#failure = error.failure;
      return undefined;
    }
  }

  /** What the answer says. */
  result(ms: number): HelloAnswer {
    const hello = this.#hello ?? this.#retry?.hello ?? null;
    const isModern = this.#hello?.version === "TLSv1.3";
    const selected = isModern ? this.#hello?.selectedIdentity ?? null : null;
    const types = hello?.extensions.map(({ type }) => type) ?? [];
    const exchange = this.#trace;
    return {
      resumed: isModern ? selected !== null : this.#handshake === "abbreviated",
      selectedIdentity: selected,
      version: hello?.version ?? null,
      cipherSuite: hello?.cipherSuite ?? null,
      keyShare: isModern && types.includes(KEY_SHARE),
      retried: this.#retry !== null,
      sessionId: hello?.sessionId ?? new Uint8Array(),
      extensions: types,
      get messages(): readonly string[] {
        return exchange.trace.messages({ from: "server" })
          .map(({ message }) => message.name);
      },
      failure: this.#failure,
      ms,
      get trace(): Trace {
        return exchange.trace;
      },
    };
  }

  /** The next message. */
  async #next(): Promise<Plaintext> {
    for (;;) {
      const message = this.#reader.next();
      if (message) return message;
      const bytes = await this.#wire.read();
      this.#trace.came(bytes);
      this.#reader.push(bytes);
    }
  }

  /** Takes a message: whether it is the last. */
  #take(message: Plaintext): boolean {
    this.#trace.read(message);
    const { type, bytes } = message;
    if (type === SSL3_RT_ALERT) {
      onAlert(bytes);
      return false;
    }
    if (type === SSL3_RT_CHANGE_CIPHER_SPEC) return this.#onChange();
    const [kind] = bytes;
    if (kind === SERVER_HELLO) return this.#onHello(bytes);
    if (this.#hello === null) {
      throw malformed("the server's first message is no ServerHello");
    }
    this.#go(kind === NEW_SESSION_TICKET ? "abbreviated" : "full");
    return kind === SERVER_HELLO_DONE;
  }

  #onHello(message: Uint8Array): boolean {
    const hello = parseServerHello(message);
    const name = hello.isRetry ? "HelloRetryRequest" : "ServerHello";
    if (this.#hello || (hello.isRetry && this.#retry)) {
      throw malformed(`the server sent a ${name} too many`);
    }
    if (hello.isRetry) this.#retry = { hello, message };
    else this.#hello = hello;
    return hello.version !== "TLSv1.2";
  }

  /** Takes a ChangeCipherSpec, which means nothing in TLS 1.3 (RFC 8446, D.4). */
  #onChange(): boolean {
    if (this.#hello === null) return false;
    this.#go("abbreviated");
    return true;
  }

  #go(handshake: "full" | "abbreviated"): void {
    this.#handshake ??= handshake;
    if (this.#handshake !== handshake) {
      throw malformed("the server's messages are in no order of TLS 1.2");
    }
  }
}
