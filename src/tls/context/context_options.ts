import type { OptionsOwner } from "../../internal/own_options.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import type { MaybePromise, SessionStore } from "../../stores/session_store.ts";
import type { TlsPeersInfo } from "../engine/connection_info.ts";
import type { TlsContext } from "./context.ts";
import type { TlsRevalidationInfo } from "../sessions/revalidation.ts";
import type { StoreErrorListener } from "../sessions/external_sessions.ts";

/** A version of TLS. The two old ones need security level 0 as well. */
export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** A certificate with its chain and private key: `cert` and `key`, or `pfx`. */
export interface TlsCertificateOptions {
  /**
   * The certificate in PEM, the leaf first, its chain after it. What else is in the text
   * doesn't matter.
   */
  cert?: string;
  /** The certificate's private key in PEM; an encrypted one needs `passphrase`. */
  key?: string;
  /**
   * A PKCS#12 file in place of `cert` and `key`, such as a `.pfx` or `.p12`. Nobody is trusted
   * because of what is in it: that is for `caCerts` to say.
   */
  pfx?: Uint8Array;
  /** What `key` or `pfx` is encrypted with: at most 1024 bytes of UTF-8. */
  passphrase?: string;
}

/** What connections of one configuration have in common. */
export interface TlsContextOptions
  extends TlsCertificateOptions, TlsSessionOptions {
  /**
   * Several certificates, each of another sort of key, such as RSA and ECDSA, in place of one:
   * the first that the peer can verify is shown.
   */
  certificates?: readonly TlsCertificateOptions[];
  /** The certificates in PEM that clients trust for servers, and servers for clients. */
  caCerts?: string[];
  /**
   * Whether `caCerts` are trusted although they aren't roots: chains end at the first of them.
   * By default false: a chain must lead to a certificate that has signed itself.
   */
  allowPartialChain?: boolean;
  /**
   * Lists of revoked certificates (RFC 5280, 5), in PEM or DER. With any, there must be one of
   * each issuer in a peer's chain, none may be out of date, and no certificate of the chain
   * may be on it: the leaf's list alone wouldn't tell of an authority that was revoked.
   */
  crl?: string | Uint8Array | readonly (string | Uint8Array)[];
  /**
   * Whether clients take the common name of a certificate's subject for its host name if it
   * has no names that are meant for it. By default false, as it should be (RFC 9525, 2): it
   * isn't bound by all constraints on names that the certificate's authority may be under.
   */
  allowCommonName?: boolean;
  /** Whether a server asks for a client's certificate, or insists. By default `"none"`. */
  clientAuth?: "none" | "request" | "require";
  /**
   * Whether clients tell servers that they can be asked for their certificate after the
   * handshake, and servers may ask, by {@linkcode TlsEngine.requestCertificate} or
   * {@linkcode TlsSocket.requestCertificate}, in TLS 1.3 (RFC 8446, 4.6.2). Sessions that are
   * made after an answer stand for it: a connection that resumes one has that certificate
   * from the start. Servers need `caCerts` to verify clients by. By default false.
   */
  postHandshakeAuth?: boolean;
  /**
   * Whether a server that asks for a certificate says whose it takes: the subjects of `caCerts`
   * (RFC 8446, 4.2.4). By default it does unless they take more than 64 000 bytes: there
   * isn't room for many more in a handshake.
   */
  sendCaNames?: boolean;
  /** The application protocols, the preferred one first. */
  alpnProtocols?: string[];
  /** The lowest version. By default `"TLSv1.2"`. */
  minVersion?: TlsVersion;
  /** The highest version. By default `"TLSv1.3"`. */
  maxVersion?: TlsVersion;
  /**
   * Chooses a server's context by the name that the client asks for. All that the chosen
   * context was made with counts, and nothing of this one but this: its sessions live in its
   * own store, if it has one, else where this context's do; if this one is `"stateful"`
   * without a store, or `"off"`, a store of its own gets none, and all handshakes are full.
   * Stateless tickets are encrypted by its `ticketKeys`, if it has any, else by this one's.
   * `undefined` chooses this context. Called amid the handshake, as stores are: it can't
   * drive connections of the same instance before it has returned a promise.
   */
  contextFor?: (
    serverName: string | null,
  ) => MaybePromise<TlsContext | undefined>;
  /**
   * Whether a server chooses parameters of Diffie-Hellman, as strong as its certificate's key,
   * for the `DHE` cipher suites of TLS 1.2, or does without these. By default `"auto"`.
   */
  dhparam?: "auto" | "none";
  /**
   * How large the certificates that a peer shows may be together, in bytes, and for clients
   * the request for theirs (`SSL_CTX_set_max_cert_list`). More ends the handshake: "excessive
   * message size". By default 65536, which the names of authorities in a request fit in.
   */
  maxCertList?: number;
  /** Commands of OpenSSL's configuration language, such as `["Groups", "X25519"]`. */
  configure?: readonly (readonly [command: string, value: string])[];
  /** Given each line of a key log (`SSLKEYLOGFILE` format): secrets, for debugging. */
  keyLog?: (line: string) => void;
  /** The instance to run in. By default {@linkcode OpenSSL.default}. */
  openssl?: OpenSSL;
}

/** How a server's sessions are made, kept and resumed. */
export interface TlsSessionOptions {
  /**
   * Where sessions live. It is called amid the handshake: it can't drive connections of
   * the same instance before it has returned a promise.
   */
  sessions?: SessionStore;
  /**
   * `"stateful"`: sessions are looked up by id, in the store or, without one, in the
   * instance's memory; `"stateless"`: clients keep them, encrypted; `"off"`: every
   * handshake is full. By default stateful with a store, stateless without. Memory, and the
   * keys of stateless tickets unless `ticketKeys` gives them, last as long as their instance:
   * where a runtime ends instances at will, as Workers do, or serves by several, sessions
   * hold only with a store or with `ticketKeys`.
   */
  tickets?: "stateful" | "stateless" | "off";
  /** The keys of stateless tickets, 80 random bytes each: the first encrypts, all decrypt. */
  ticketKeys?: readonly Uint8Array[];
  /**
   * What new sessions have in common with others, such as their user, to be revoked
   * together: 1 to 256 bytes of UTF-8, or `undefined`. Called with each session, in a
   * handshake where all but `earlyData` is known; if it throws, the session isn't stored,
   * which `onStoreError` is told of. `remoteAddress` has a port, other each time. Needs a
   * store with `revoke`.
   *
   * A handshake that is under way while its tag is revoked, or begins within
   * `lookupTimeout` after it (or the `maxStaleness` of a `LayeredSessionStore`), may resume
   * all the same, and store a session. To shut someone out, have `tag` throw for them first.
   */
  tag?: (socket: TlsPeersInfo) => string | undefined;
  /**
   * The lifetime of new sessions in seconds. By default 7200. It is cut to seven days
   * (RFC 8446, section 4.6.1), to `maxSessionAge`, and to the end of the certificates that
   * were verified: stores and clients are told of what is left.
   */
  sessionTimeout?: number;
  /**
   * For how many seconds a session and those that succeed it by being resumed stand for the
   * handshake in which the peer last proved itself, for servers and clients; after that, a
   * handshake is full. From 1 to 604800 (seven days), by default 86400: a day is about what
   * CAs take to publish what they have revoked, and one full handshake a day costs little.
   */
  maxSessionAge?: number;
  /**
   * Asked before a session of a client with a certificate is resumed, whose account, CA or
   * certificate may be gone by now: `false` has the handshake go on in full. It has
   * `lookupTimeout` to answer; if it fails, which `onStoreError` is told of, the handshake is
   * full, too. Called amid the handshake, as stores are. Needs `sessions` or stateless
   * tickets: OpenSSL's own cache resumes without asking.
   */
  revalidate?: (info: TlsRevalidationInfo) => MaybePromise<boolean>;
  /**
   * What sessions are bound to in place of the server name, 1 to 32 bytes of UTF-8: they
   * resume wherever it is the same. Whom the context trusts counts as well: `clientAuth`, and
   * with it `caCerts`, `crl`, `allowPartialChain` and what `configure` says of signatures; the
   * security level; and whether the context would negotiate the session's version, cipher suite
   * and group itself.
   */
  sessionIdContext?: string;
  /**
   * Keys that the whole fleet knows, 16 bytes or more each: session ids carry a proof by
   * the first, and ids without a proof by any never reach the store.
   */
  sessionIdKey?: Uint8Array | readonly Uint8Array[];
  /** At most how many identities of one hello are looked up. By default 2. */
  maxLookupsPerHello?: number;
  /** How long a look-up may take before the handshake goes on in full, in ms. By default 200. */
  lookupTimeout?: number;
  /** How long a write may hold a connection back, in ms. By default 1000. */
  writeTimeout?: number;
  /**
   * `"before-flight"`: bytes that tell a client of a session wait until the store has
   * it; `"background"`: they don't. By default `"before-flight"`.
   */
  commit?: "before-flight" | "background";
  /** Whether TLS 1.3 sessions are taken out of the store when used. Needs `take`. */
  singleUse?: boolean;
  /**
   * How many bytes of early data (0-RTT) new sessions allow. By default 0; more needs
   * `singleUse`, which lets a session's early data in once across all servers.
   */
  maxEarlyData?: number;
  /**
   * Whether an end without close_notify takes the connection's sessions out of the
   * store: since TLS 1.1 it needn't (RFC 5246, 7.2.1). By default `"keep"`.
   */
  uncleanClose?: "keep" | "remove";
  /** Told when the store fails; the handshake goes on. By default `console.error`. */
  onStoreError?: StoreErrorListener;
}

/** The names of all options. */
export const CONTEXT_OPTION_NAMES: Readonly<
  Record<keyof TlsContextOptions, true>
> = {
  allowCommonName: true,
  allowPartialChain: true,
  alpnProtocols: true,
  caCerts: true,
  cert: true,
  certificates: true,
  clientAuth: true,
  commit: true,
  configure: true,
  contextFor: true,
  crl: true,
  dhparam: true,
  key: true,
  keyLog: true,
  lookupTimeout: true,
  maxEarlyData: true,
  maxCertList: true,
  maxLookupsPerHello: true,
  maxSessionAge: true,
  maxVersion: true,
  minVersion: true,
  onStoreError: true,
  openssl: true,
  revalidate: true,
  passphrase: true,
  postHandshakeAuth: true,
  pfx: true,
  sendCaNames: true,
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

/** What to say of them where they aren't taken, but a context is. */
export const IN_CONTEXT: Pick<OptionsOwner, "others" | "advice"> = {
  others: CONTEXT_OPTION_NAMES,
  advice: "it belongs into options.context, a TlsContext",
};
