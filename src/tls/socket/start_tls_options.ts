import { type OptionsOwner, ownOptions } from "../../internal/own_options.ts";
import type { SessionStore } from "../../stores/session_store.ts";
import {
  CLIENT_STORE_NAMES,
  type ClientStoreOptions,
} from "./client_store_options.ts";
import type { TlsContext } from "../context/context.ts";
import { IN_CONTEXT } from "../context/context_options.ts";
import type { TlsSession } from "../sessions/session.ts";

/** Options of {@linkcode startTls}. */
export interface StartTlsOptions {
  /** Which side of the handshake this is. */
  role: "client" | "server";
  /** The configuration: with `cert` and `key` for servers, `caCerts` for clients. */
  context: TlsContext;
  /**
   * The host name or IP address of the server, for clients: asked for and verified. As in a
   * URL, so that `"localhost."`, `"[::1]"` and `"bücher.example"` will do.
   */
  hostname?: string;
  /** A session to resume, for clients. */
  session?: TlsSession;
  /**
   * Data to send with the hello, for clients whose `session` allows it. It may be replayed,
   * and refused: unless {@linkcode TlsConnectionInfo.earlyData} is `"accepted"`, the
   * server hasn't got it.
   */
  earlyData?: Uint8Array;
  /** How long the handshake may take, in milliseconds. By default 10 000. */
  handshakeTimeout?: number;
  /** Ends the connection at once, also when it is open. */
  signal?: AbortSignal;
}

/** Options of {@linkcode startTls} for a client with a session store. */
export interface StartTlsClientOptions
  extends StartTlsOptions, ClientStoreOptions {
  /** Only for clients: a server's store is an option of its context. */
  role: "client";
  /** The store of the client's sessions. */
  sessions: SessionStore;
  /**
   * The server's port: with `hostname`, what its sessions are kept under, as those of
   * `connectTls`. By default that of the transport's `remoteAddress`, if it has one.
   */
  port?: number;
}

const NAMES: Readonly<Record<keyof StartTlsOptions | "sessions", true>> = {
  context: true,
  earlyData: true,
  handshakeTimeout: true,
  hostname: true,
  role: true,
  session: true,
  sessions: true,
  signal: true,
};

const CLIENT_NAMES: Readonly<Record<keyof StartTlsClientOptions, true>> = {
  ...NAMES,
  ...CLIENT_STORE_NAMES,
  port: true,
};

const OWNER: OptionsOwner = { of: "startTls", ...IN_CONTEXT };

/** The caller's options, if they are those of a socket, or of a client's with a store. */
export function ownStartOptions(
  given: StartTlsOptions | StartTlsClientOptions,
): StartTlsOptions | StartTlsClientOptions {
  return hasStore(given)
    ? ownOptions(given, CLIENT_NAMES, OWNER)
    : ownOptions(given, NAMES, OWNER);
}

/** Whether there is a store to ask. */
export function hasStore(
  options: StartTlsOptions | StartTlsClientOptions,
): options is StartTlsClientOptions {
  return Object.hasOwn(options ?? {}, "sessions") &&
    (options as StartTlsClientOptions).sessions !== undefined;
}
