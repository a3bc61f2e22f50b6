import type { MaybePromise, SessionStore } from "../../stores/session_store.ts";
import type { TlsPeersInfo } from "../peer/connection_info.ts";
import type { TlsRevalidationInfo } from "./revalidation.ts";
import type { StoreErrorListener } from "./store_operations.ts";

/** How a context makes, stores and resumes sessions. */
export interface TlsSessionOptions {
  /**
   * The store of a server's sessions. It is called during the handshake: it must not use
   * connections of the same `OpenSSL` instance before it has returned a promise.
   */
  sessions?: SessionStore;
  /**
   * `"stateful"`: sessions are looked up by id, in `sessions` or, without it, in OpenSSL's
   * internal cache; `"stateless"`: the client keeps the session in an encrypted ticket
   * (RFC 5077); `"off"`: every handshake is full. By default `"stateful"` with `sessions`,
   * `"stateless"` without. The internal cache, and ticket keys other than `ticketKeys`, last
   * as long as the `OpenSSL` instance: where a runtime starts and ends instances itself, as
   * Cloudflare Workers does, sessions last only with `sessions` or `ticketKeys`.
   */
  tickets?: "stateful" | "stateless" | "off";
  /**
   * The keys of stateless tickets, 80 random bytes each. The first encrypts; all decrypt, so
   * that keys can be replaced one after the other.
   */
  ticketKeys?: readonly Uint8Array[];
  /**
   * Returns the tag by which a new session can be revoked together with others, such as the
   * name of its user: 1 to 256 bytes of UTF-8, or `undefined` for none. It is called for each
   * new session, during the handshake: `earlyData` isn't known yet. If it throws, the session
   * isn't stored, and `onStoreError` is called. `remoteAddress` includes the port. Needs a
   * store with `revoke`.
   *
   * A handshake that begins before a tag is revoked, or up to `lookupTimeout` after it (or the
   * `maxStaleness` of a `LayeredSessionStore`), can still resume a session and store one. To
   * lock a user out, have `tag` throw for that user first.
   */
  tag?: (socket: TlsPeersInfo) => string | undefined;
  /**
   * The lifetime of new sessions in seconds, by default 7200. A session's lifetime also ends
   * after seven days (RFC 8446, section 4.6.1), after `maxSessionAge`, and with the first of
   * the verified certificates to expire: clients and the store are told the shortest.
   */
  sessionTimeout?: number;
  /**
   * How many seconds after the last full handshake a session, or one that succeeds it by
   * resumption, can be resumed, for servers and clients: 1 to 604800 (seven days), by default
   * 86400, about the interval at which certification authorities publish revocations.
   */
  maxSessionAge?: number;
  /**
   * Called before a server resumes a session whose client showed a certificate, which may have
   * been revoked since. If it returns `false`, or fails, or takes longer than `lookupTimeout`,
   * the handshake is full; a failure calls `onStoreError`. It is called during the handshake,
   * as the store is. Needs `sessions` or stateless tickets: OpenSSL's internal cache resumes
   * without asking.
   */
  revalidate?: (info: TlsRevalidationInfo) => MaybePromise<boolean>;
  /**
   * What sessions are bound to instead of the server name, 1 to 32 bytes of UTF-8: servers with
   * the same value resume each other's sessions. They are still bound to `clientAuth`, and with
   * it to `caCerts`, `crl`, `allowPartialChain` and the signature commands of `configure`; to
   * the security level; and to a version, cipher suite and group that the context allows.
   */
  sessionIdContext?: string;
  /**
   * Keys that all servers share, 16 bytes or more each: session ids then carry a MAC by the
   * first key, and ids without a MAC by one of the keys are not looked up.
   */
  sessionIdKey?: Uint8Array | readonly Uint8Array[];
  /** The most identities of one client hello that are looked up, by default 2. */
  maxLookupsPerHello?: number;
  /**
   * How many milliseconds a look-up may take before the handshake is full, by default 200. Those
   * that are under way at the same time share a timer, and may take an eighth more.
   */
  lookupTimeout?: number;
  /** How many milliseconds a write may delay the connection, likewise; by default 1000. */
  writeTimeout?: number;
  /**
   * `"before-flight"`: the bytes that give a client its session are sent when the store has
   * it; `"background"`: at once. By default `"before-flight"`.
   */
  commit?: "before-flight" | "background";
  /**
   * Whether a look-up of a TLS 1.3 session takes it out of the store, so that it is resumed
   * once. Needs a store with `take`.
   */
  singleUse?: boolean;
  /**
   * How many bytes of early data (0-RTT) new sessions allow, by default 0. More needs
   * `singleUse`, so that the early data of a session is accepted once among all servers.
   */
  maxEarlyData?: number;
  /**
   * Whether the end of a connection without close_notify removes its sessions from the store.
   * TLS 1.1 and later don't require it (RFC 5246, 7.2.1). By default `"keep"`.
   */
  uncleanClose?: "keep" | "remove";
  /**
   * Called when the store, `tag` or `revalidate` fails; the handshake goes on. By default
   * `console.error`.
   */
  onStoreError?: StoreErrorListener;
}

/** How clients resume sessions. */
export type TicketMode = NonNullable<TlsSessionOptions["tickets"]>;

/** The names of the session options. */
export const SESSION_OPTION_NAMES: Readonly<
  Record<keyof TlsSessionOptions, true>
> = {
  commit: true,
  lookupTimeout: true,
  maxEarlyData: true,
  maxLookupsPerHello: true,
  maxSessionAge: true,
  onStoreError: true,
  revalidate: true,
  sessionIdContext: true,
  sessionIdKey: true,
  sessionTimeout: true,
  sessions: true,
  singleUse: true,
  tag: true,
  ticketKeys: true,
  tickets: true,
  uncleanClose: true,
  writeTimeout: true,
};
