import type { SSL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type {
  ClientHello,
  HelloAnswer,
  SessionTerms,
} from "../../libssl/machine_types.ts";
import { proceed, RETRY } from "../../tls/engine/hello_answers.ts";
import { isTls13, readHello } from "./hello.ts";
import type { Ask, ConnectionListener, HelloAnswers } from "./types.ts";

/** How long after the first handshake sessions are resumed in any case, in seconds: a day. */
const MIN_AGE = 86_400;
const NO_ANSWERS: HelloAnswers = { sessions: new Map() };

/** What is asked and answered about a client's hello. */
export class HelloStage {
  readonly #listener: ConnectionListener;
  readonly #ask: Ask;
  #stage: "new" | "waiting" | "done" = "new";
  #answers = NO_ANSWERS;

  /** Asks `listener` by `ask`. */
  constructor(listener: ConnectionListener, ask: Ask) {
    this.#listener = listener;
    this.#ask = ask;
  }

  /** What was answered. */
  get answers(): HelloAnswers {
    return this.#answers;
  }

  /** A hello has come: whether the handshake goes on, or has to wait. */
  onHello(libssl: Libssl, ssl: SSL, hello: ClientHello): HelloAnswer {
    if (hello.isNew) {
      this.#stage = "new";
      this.#answers = NO_ANSWERS;
    }
    if (this.#stage === "new") {
      this.#stage = this.#asks(libssl, ssl, hello) ? "waiting" : "done";
    }
    return this.#stage === "waiting"
      ? RETRY
      : proceed(this.#terms(libssl, ssl, hello), this.#answers.sessions.size);
  }

  /** Whether the hello has to wait for what is asked about it. */
  #asks(libssl: Libssl, ssl: SSL, hello: ClientHello): boolean {
    const { findsSessions, choosesProtocol } = this.#listener;
    if (!findsSessions && !choosesProtocol) return false;
    const facts = readHello(libssl, ssl, hello);
    const finds = findsSessions && facts.sessionIds.length > 0;
    if (!finds && !(choosesProtocol && facts.protocols.length > 0)) {
      return false;
    }
    this.#ask<HelloAnswers>(
      (done) => this.#listener.onHello(facts, done),
      (answers) => {
        this.#answers = answers;
        this.#stage = "done";
      },
    );
    return true;
  }

  /** On what terms sessions are made, where they aren't the context's. */
  #terms(
    libssl: Libssl,
    ssl: SSL,
    hello: ClientHello,
  ): SessionTerms | undefined {
    const { findsSessions, keepsSessions } = this.#listener;
    const context = this.#listener.sessionContext(hello.hostName);
    if (!findsSessions && !keepsSessions && !context) return undefined;
    return {
      context: context ?? new Uint8Array(),
      tickets: findsSessions && isTls13(hello) ? "stateful" : "unchanged",
      wantsSessions: keepsSessions,
      maxAge: maxAgeOf(libssl, ssl),
    };
  }
}

/**
 * How long after the first handshake a session and those that succeed it are resumed, in
 * seconds: in TLS 1.3 each resumption makes a session with a whole lifetime of its own.
 */
function maxAgeOf(libssl: Libssl, ssl: SSL): number {
  const ctx = libssl.SSL_get_SSL_CTX(ssl);
  const timeout = ctx === null ? 0 : libssl.SSL_CTX_get_timeout(ctx);
  return Math.max(MIN_AGE, Number(timeout));
}
