// deno-lint-ignore-file explicit-function-return-type -- part of programs, checked as they run
// A client's connection by Node's `tls`, for all the programs here that put load on a server.
import { readFileSync } from "node:fs";
import tls from "node:tls";

const HEAD_LENGTH = 16;

/** The options of `tls.connect` for a server on loopback, by arguments of the command line. */
export function connectOptionsOf(port, certificate, options) {
  return {
    host: "127.0.0.1",
    port: Number(port),
    servername: "localhost",
    secureContext: tls.createSecureContext({
      ...JSON.parse(options),
      ca: readFileSync(certificate),
    }),
  };
}

export class Connection {
  /** The newest session that it was given, or the one that it proposed. */
  session;
  /** Whether it resumed, and how long the handshake took, in ms; undefined before. */
  isResumed;
  handshakeMs;
  /** The beginning of what the server sent. */
  head = "";
  /** What went wrong, and where: "handshake: ECONNRESET". */
  failure;
  /** Resolve when the handshake is done, with the first data, and at the end; none rejects. */
  opened;
  answered;
  closed;
  #socket;
  #stage = "connect";
  #timer;

  /** Connects with the options of `tls.connect`; `timeout` limits each stage, in ms. */
  constructor(options, { session, timeout }) {
    const startedAt = performance.now();
    const socket = this.#socket = tls.connect({
      ...options,
      ...(session && { session }),
    });
    this.session = session;
    this.#limit(timeout);
    this.opened = new Promise((resolve) => {
      socket.on("secureConnect", () => {
        this.handshakeMs = performance.now() - startedAt;
        this.isResumed = socket.isSessionReused();
        this.#stage = "open";
        clearTimeout(this.#timer);
        resolve();
      });
      socket.on("close", resolve);
    });
    this.answered = new Promise((resolve) => {
      socket.once("data", resolve).on("close", resolve);
    });
    this.closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("connect", () => this.#stage = "handshake");
    socket.on("session", (session) => this.session = session);
    socket.on("data", (data) => {
      if (this.head.length < HEAD_LENGTH) this.head += data.toString("latin1");
    });
    socket.on("error", (error) => this.#fail(error.code ?? error.message));
    socket.on("close", () => clearTimeout(this.#timer));
  }

  get isClosed() {
    return this.#socket.destroyed;
  }

  get wasAsked() {
    return this.#stage === "answer";
  }

  /** Sends a request, and with `end` no more than that; the server ends the connection. */
  ask(request, { end, timeout }) {
    this.#stage = "answer";
    this.#limit(timeout);
    if (end) this.#socket.end(request);
    else this.#socket.write(request);
  }

  #limit(timeout) {
    if (timeout === undefined) return;
    this.#timer = setTimeout(() => {
      this.#fail("timeout");
      this.#socket.destroy();
    }, timeout);
  }

  #fail(reason) {
    this.failure ??= `${this.#stage}: ${reason}`;
  }
}
