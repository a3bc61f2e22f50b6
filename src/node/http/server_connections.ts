import type { Duplex } from "node:stream";
import { clearTimeout, setTimeout } from "node:timers";
import type { Outgoing } from "./outgoing.ts";

/** A session of HTTP/2, which knows by itself when it is idle. */
export interface Session {
  close(): void;
  destroy(): void;
  once(event: "close", listener: () => void): unknown;
}

/** The time limits of a server, in milliseconds; 0 for none. */
export interface RequestTimeouts {
  /** For the head of a request. */
  readonly headersTimeout: number;
  /** For another request. */
  readonly keepAliveTimeout: number;
}

/** A connection of HTTP/1.1. */
interface Connection {
  /** What is being answered. */
  readonly open: Set<Outgoing>;
  /** Ends it when no request comes: Bun does so for connections that it accepts itself alone. */
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

/** The connections of a server, and which of them are serving requests. */
export class ServerConnections {
  readonly #sockets = new Map<Duplex, Connection>();
  readonly #sessions = new Set<Session>();
  #isClosing = false;
  #onEmpty: (() => void)[] = [];

  /** A connection of HTTP/1.1, from now until it is closed or handed over. */
  add(
    socket: Duplex,
    { headersTimeout, keepAliveTimeout }: RequestTimeouts,
  ): void {
    const open = new Set<Outgoing>();
    const timer = headersTimeout > 0
      ? setTimeout(() => {
        if (open.size === 0) socket.destroy();
      }, Math.max(headersTimeout, keepAliveTimeout)).unref()
      : undefined;
    this.#sockets.set(socket, { open, timer });
    socket.once("close", () => this.remove(socket));
    if (this.#isClosing) socket.destroy();
  }

  /** A connection of HTTP/2, from now until it is closed. */
  addSession(session: Session): void {
    this.#sessions.add(session);
    session.once("close", () => {
      this.#sessions.delete(session);
      this.#check();
    });
    if (this.#isClosing) session.close();
  }

  /** A connection that is closed, or isn't the server's any more. */
  remove(socket: Duplex): void {
    clearTimeout(this.#sockets.get(socket)?.timer);
    this.#sockets.delete(socket);
    this.#check();
  }

  /** A request of HTTP/1.1: its connection isn't idle until the response is sent. */
  begin(socket: Duplex, outgoing: Outgoing): void {
    const connection = this.#sockets.get(socket);
    if (connection === undefined) return;
    const { open, timer } = connection;
    open.add(outgoing);
    if (this.#isClosing) refuseMore(outgoing);
    outgoing.once("close", () => {
      open.delete(outgoing);
      timer?.refresh();
      if (this.#isClosing && open.size === 0) socket.end();
    });
  }

  /** Closes connections that serve no request, and the others when they are done. */
  close(): void {
    this.#isClosing = true;
    for (const { open } of this.#sockets.values()) open.forEach(refuseMore);
    for (const session of this.#sessions) session.close();
    this.closeIdle();
  }

  /** Closes connections of HTTP/1.1 that serve no request. */
  closeIdle(): void {
    for (const [socket, { open }] of this.#sockets) {
      if (open.size === 0) socket.destroy();
    }
  }

  /** Closes all connections at once. */
  closeAll(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
    for (const session of this.#sessions) session.destroy();
  }

  /** Resolves when there is no connection. */
  empty(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEmpty.push(resolve);
      this.#check();
    });
  }

  #check(): void {
    if (this.#sockets.size > 0 || this.#sessions.size > 0) return;
    for (const done of this.#onEmpty.splice(0)) done();
  }
}

/** Tells the client, if that is still possible, that this is the connection's last response. */
function refuseMore(outgoing: Outgoing): void {
  if ("shouldKeepAlive" in outgoing) outgoing.shouldKeepAlive = false;
}
