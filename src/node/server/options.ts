import type { ServerOpts } from "node:net";
import type { SessionStore } from "../../stores/session_store.ts";
import type { SecureContextOptions } from "../context/options.ts";
import type { TLSSocket } from "../socket/tls_socket.ts";
import type {
  AlpnCallback,
  CommonSocketOptions,
  PskServerCallback,
  SniCallback,
} from "../types.ts";

/** The options of `createServer`, as Node.js 24 documents them, and `sessions`. */
export interface TlsServerOptions
  extends
    SecureContextOptions,
    Omit<CommonSocketOptions, "secureContext" | "signal" | "onread">,
    Omit<ServerOpts, "allowHalfOpen" | "highWaterMark"> {
  /** Chooses among a client's protocols; `undefined` refuses the connection. */
  ALPNCallback?: AlpnCallback | undefined;
  /** The most milliseconds that a handshake may take. By default two minutes. */
  handshakeTimeout?: number | undefined;
  /** The key for an identity of a client's; `null` refuses it. */
  pskCallback?: PskServerCallback<TLSSocket> | undefined;
  /** Helps clients to choose an identity (TLS 1.2). */
  pskIdentityHint?: string | undefined;
  /**
   * Where sessions are kept that clients resume, in TLS 1.2 and 1.3: in place of listeners of
   * `newSession` and `resumeSession`. Not in Node.js.
   */
  sessions?: SessionStore | undefined;
  /** Chooses the context for a server name. By default it is one of `addContext`. */
  SNICallback?: SniCallback | undefined;
}

/** {@linkcode TlsServerOptions}, by the name that `@types/node` has for them. */
export type TlsOptions = TlsServerOptions;
