import { Buffer } from "node:buffer";
import net from "node:net";
import { SSL_OP_NO_TICKET } from "../../libssl/constants.ts";
import { convertALPNProtocols } from "../alpn.ts";
import { callable, callOn } from "../callable.ts";
import type { SecureContextOptions } from "../context/options.ts";
import { SecureContext } from "../context/secure_context.ts";
import { invalidArgType } from "../errors/argument_errors.ts";
import { codedError } from "../errors/coded_error.ts";
import { tlsError } from "../errors/tls_errors.ts";
import {
  validateBuffer,
  validateFunction,
  validateNumber,
  validateObject,
  validateString,
} from "../errors/validate.ts";
import { replaceable } from "../replaceable.ts";
import type { TLSSocket } from "../socket/tls_socket.ts";
import { type ConnectionSettings, serveConnection } from "./connection.ts";
import { type ContextsByName, serverNamePattern } from "./contexts_by_name.ts";
import type { TlsServerOptions } from "./options.ts";
import { secureOptionsOf } from "./secure_options.ts";
import { checkSessions } from "../store_settings.ts";
import { keepInStore } from "./stored_sessions.ts";

const HANDSHAKE_TIMEOUT = 120_000;
const TICKET_KEY_BYTES = 48;

/** Called with each connection whose handshake is done. */
export type SecureConnectionListener = (socket: TLSSocket) => void;
/** Options and a listener of `secureConnection`, or one of them. */
export type ServerArguments = [
  (TlsServerOptions | SecureConnectionListener | null)?,
  SecureConnectionListener?,
];

/** What only this module sees of each server. */
const settings = new WeakMap<net.Server, ConnectionSettings>();
/** Servers whose sessions are in a store, and so in no tickets. */
const storing = new WeakSet<net.Server>();

/** The class behind {@linkcode Server}. */
export class TlsServer extends net.Server {
  /** Chooses the protocol of each connection. */
  declare ALPNCallback: TlsServerOptions["ALPNCallback"];
  /** The protocols, as they go over the wire. */
  declare ALPNProtocols: Buffer | undefined;
  /** Whether data waits until a socket is resumed. */
  declare pauseOnConnect: boolean;
  /** Whether clients that can't be verified are refused. */
  declare rejectUnauthorized: boolean;
  /** Whether clients are asked for a certificate. */
  declare requestCert: boolean;
  /** What sessions are bound to. */
  declare sessionIdContext: string;
  /** How long sessions last, in seconds. */
  declare sessionTimeout: SecureContextOptions["sessionTimeout"];
  /** The keys of session tickets, 48 bytes. */
  declare ticketKeys: SecureContextOptions["ticketKeys"];
  /**
   * Of `addContext`: what matches server names, and the context for them.
   *
   * @internal
   */
  declare _contexts: ContextsByName;
  /**
   * The context that new connections use.
   *
   * @internal
   */
  declare _sharedCreds: SecureContext;

  /** Options and a listener of `secureConnection`, or one of them. */
  constructor(...args: ServerArguments) {
    const [options, listener] = argumentsOf(args);
    super(options, acceptConnection);
    configure(this, options, listener);
  }

  /**
   * Uses another context for the server names that match.
   *
   * @param hostname A name; `*` stands for any label.
   */
  addContext(
    hostname: string,
    context: SecureContextOptions | SecureContext,
  ): void {
    if (!hostname) throw tlsError("ERR_TLS_REQUIRED_SERVER_NAME");
    const secure = context instanceof SecureContext
      ? context
      : replaceable.createSecureContext(context);
    this._contexts.push([serverNamePattern(hostname), secure.context]);
  }

  /** The keys of session tickets, 48 bytes. */
  getTicketKeys(): Buffer {
    return this._sharedCreds.context.getTicketKeys();
  }

  /** Replaces the keys of session tickets, 48 bytes, for connections to come. */
  setTicketKeys(keys: ArrayBufferView): void {
    validateBuffer(keys, "buffer");
    if (keys.byteLength !== TICKET_KEY_BYTES) {
      throw codedError(
        Error,
        "ERR_INTERNAL_ASSERTION",
        "Session ticket keys must be a 48-byte buffer",
      );
    }
    this._sharedCreds.context.setTicketKeys(keys);
  }

  /** Replaces the certificates, keys and so on, for connections to come. */
  setSecureContext(options: SecureContextOptions): void {
    validateObject(options, "options");
    const chosen = secureOptionsOf(options, this);
    if (storing.has(this)) {
      chosen.secureOptions = Number(SSL_OP_NO_TICKET) |
        (chosen.secureOptions ?? 0);
    }
    Object.assign(this, chosen);
    this._sharedCreds = replaceable.createSecureContext(chosen);
  }

  /** What the workers of a cluster share. */
  _getServerData(): { ticketKeys: string } {
    return { ticketKeys: this.getTicketKeys().toString("hex") };
  }

  /** Takes what {@linkcode _getServerData} of another worker gave. */
  _setServerData({ ticketKeys }: { ticketKeys: string }): void {
    this.setTicketKeys(Buffer.from(ticketKeys, "hex"));
  }

  /** An asynchronous listener has failed. */
  [Symbol.for("nodejs.rejection")](
    error: Error,
    event: string,
    ...args: unknown[]
  ): void {
    const [socket] = args;
    if (event === "secureConnection") (socket as TLSSocket).destroy(error);
    else this.emit("error", error);
  }
}

/** A server of TLS: a `net.Server` whose connections are {@linkcode TLSSocket}s. */
export const Server: typeof TlsServer & ServerFunction = callable(TlsServer, {
  name: "Server",
  adopt(instance: TlsServer, args: ServerArguments): void {
    const [options, listener] = argumentsOf(args);
    callOn(net.Server, instance, options, acceptConnection);
    configure(instance, options, listener);
  },
}) as typeof TlsServer & ServerFunction;

/** An instance of {@linkcode Server}. */
export type Server = TlsServer;

/** A {@linkcode Server} is made without `new`, too. */
export interface ServerFunction {
  /** Creates a server. */
  (...args: ServerArguments): TlsServer;
}

/**
 * Creates a server, which `listen` starts.
 *
 * @example A server that keeps its sessions in a store
 * ```ts
 * import { createServer } from "@sesame/tls/node";
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { createTestCertificate } from "@sesame/tls/testing";
 *
 * const sessions = new MemorySessionStore();
 * const server = createServer({ ...createTestCertificate(), sessions });
 * server.on("secureConnection", (socket) => socket.end("hello"));
 * ```
 *
 * @param args Options and a listener of `secureConnection`, or one of them.
 * @throws {TypeError} With Node.js's codes, for an option that isn't of its type or value.
 */
export function createServer(...args: ServerArguments): Server {
  return new TlsServer(...args);
}

function argumentsOf(
  [options, listener]: ServerArguments,
): [TlsServerOptions, SecureConnectionListener | undefined] {
  if (typeof options === "function") return [{}, options];
  if (options === null || options === undefined) return [{}, listener];
  if (typeof options === "object") return [options, listener];
  throw invalidArgType("options", "Object", options);
}

function configure(
  server: TlsServer,
  options: TlsServerOptions,
  listener: SecureConnectionListener | undefined,
): void {
  server._contexts = [];
  server.requestCert = options.requestCert === true;
  server.rejectUnauthorized = options.rejectUnauthorized !== false;
  server.ALPNCallback = options.ALPNCallback;
  if (options.ALPNCallback && options.ALPNProtocols) {
    throw tlsError("ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS");
  }
  if (options.ALPNProtocols) {
    convertALPNProtocols(
      options.ALPNProtocols,
      server as { ALPNProtocols?: Buffer },
    );
  }
  checkSessions(options.sessions);
  if (options.sessions !== undefined) storing.add(server);
  server.setSecureContext(options);
  settings.set(server, settingsOf(options));
  if (options.sessions !== undefined) keepInStore(server, options.sessions);
  if (listener) server.on("secureConnection", listener);
}

function settingsOf(options: TlsServerOptions): ConnectionSettings {
  const { enableTrace, pskCallback, pskIdentityHint, SNICallback } = options;
  const handshakeTimeout = options.handshakeTimeout || HANDSHAKE_TIMEOUT;
  validateNumber(handshakeTimeout, "options.handshakeTimeout");
  if (SNICallback) validateFunction(SNICallback, "options.SNICallback");
  if (pskCallback) validateFunction(pskCallback, "options.pskCallback");
  if (pskIdentityHint) {
    validateString(pskIdentityHint, "options.pskIdentityHint");
  }
  return {
    enableTrace,
    handshakeTimeout,
    pskCallback,
    pskIdentityHint,
    SNICallback,
  };
}

function acceptConnection(this: TlsServer, raw: net.Socket): void {
  const own = settings.get(this);
  if (own !== undefined) serveConnection(this, raw, own);
}
