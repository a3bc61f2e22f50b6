import type { Duplex } from "node:stream";
import type { TcpNetConnectOpts } from "node:net";
import type { AlpnProtocols } from "./alpn.ts";
import type { SessionStore } from "../stores/session_store.ts";
import type { SecureContextOptions } from "./context/options.ts";
import type { OnReadOptions } from "./socket/on_read.ts";
import type { SecureContext } from "./context/secure_context.ts";
import type { PeerCertificate } from "./peer/types.ts";

/** Hands over a context of `SNICallback`, or an error. */
export type SniAnswer = (
  error: Error | null,
  context?: SecureContext | SecureContext["context"] | null,
) => void;

/** Chooses the context of a server name. */
export type SniCallback = (servername: string, callback: SniAnswer) => void;

/** Chooses one of the protocols that a client offers; `undefined` refuses all. */
export type AlpnCallback = (
  offer: { servername: string | false; protocols: string[] },
) => string | undefined;

/** A client's pre-shared key and its name. */
export interface PskClientAnswer {
  /** The key. */
  readonly psk: ArrayBufferView;
  /** The name that the server knows it by. */
  readonly identity: string;
}

/** Returns a client's key for the hint of a server, which is `null` in TLS 1.3. */
export type PskClientCallback = (
  hint: string | null,
) => PskClientAnswer | null | undefined;

/** Returns a server's key for the identity of a client. */
export type PskServerCallback<Socket> = (
  socket: Socket,
  identity: string,
) => ArrayBufferView | { psk: ArrayBufferView } | null | undefined;

/** What sockets of clients and servers have in common. */
export interface CommonSocketOptions {
  /** Protocols to offer, or to choose from. */
  ALPNProtocols?: AlpnProtocols | undefined;
  /** Whether messages are written to stderr. */
  enableTrace?: boolean | undefined;
  /** Whether the peer's end of output leaves the output here open. */
  allowHalfOpen?: boolean | undefined;
  /** How many bytes wait to be read before no more are taken. */
  highWaterMark?: number | undefined;
  /** Ends the socket when it aborts. */
  signal?: AbortSignal | undefined;
  /** Whether peers that can't be verified are refused. */
  rejectUnauthorized?: boolean | undefined;
  /** Whether a server asks for a certificate. */
  requestCert?: boolean | undefined;
  /** Where data is put in place of the event `data`, as for a `net.Socket`. */
  onread?: OnReadOptions | undefined;
  /** The context. */
  secureContext?: SecureContext | undefined;
}

/** The options of a {@linkcode TLSSocket}. */
export interface TLSSocketOptions
  extends SecureContextOptions, CommonSocketOptions {
  /** Chooses a protocol (servers). */
  ALPNCallback?: AlpnCallback | undefined;
  /** Chooses a context by the server name (servers). */
  SNICallback?: SniCallback | undefined;
  /** Whether it is a server. */
  isServer?: boolean | undefined;
  /** The server that it is of. */
  server?: unknown;
  /** Milliseconds until a handshake that isn't done fails. */
  handshakeTimeout?: number | undefined;
  /** Whether data waits until the socket is resumed. */
  pauseOnConnect?: boolean | undefined;
  /** Pre-shared keys. */
  // deno-lint-ignore no-explicit-any -- of a client or a server
  pskCallback?: ((...args: any[]) => unknown) | undefined;
  /** The hint for clients' keys in TLS 1.2 (servers). */
  pskIdentityHint?: string | undefined;
  /** Whether an OCSP response is asked for (clients). */
  requestOCSP?: boolean | undefined;
  /** A session to resume (clients). */
  session?: Uint8Array | string | undefined;
  /** An older name of `secureContext`. */
  credentials?: SecureContext | undefined;
}

/** The options of {@linkcode connect}. */
export interface ConnectionOptions
  extends
    Omit<TLSSocketOptions, "isServer" | "server" | "pskCallback">,
    Partial<Omit<TcpNetConnectOpts, "signal" | "onread">> {
  /** The host, by default `"localhost"`. */
  host?: string | undefined;
  /** The path of a Unix socket, in place of host and port. */
  path?: string | undefined;
  /** A connected stream, in place of a new connection. */
  socket?: Duplex | undefined;
  /** The name that is asked for (SNI) and verified, by default the host. */
  servername?: string | undefined;
  /** Says what is wrong with the name of a certificate. */
  checkServerIdentity?:
    | ((host: string, cert: PeerCertificate) => Error | undefined)
    | undefined;
  /** The fewest bits of the server's Diffie-Hellman parameters, by default 1024. */
  minDHSize?: number | undefined;
  /**
   * Where to look for a session of the server's if there is no `session`, and to keep the newest
   * that it gives. Connections share it while the server gives no other. Not a store that holds
   * a server's sessions. One that fails costs a full handshake. Not in Node.js.
   */
  sessions?: SessionStore | undefined;
  /** Milliseconds without activity until the event `timeout`. */
  timeout?: number | undefined;
  /** Returns a pre-shared key. */
  pskCallback?: PskClientCallback | undefined;
}
