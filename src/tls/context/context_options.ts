import type { OptionsOwner } from "../../internal/own_options.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import type { MaybePromise } from "../../stores/session_store.ts";
import {
  SESSION_OPTION_NAMES,
  type TlsSessionOptions,
} from "../sessions/session_options.ts";

/** A version of TLS. TLS 1.0 and 1.1 also need security level 0. */
export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** A certificate with its chain and private key: `cert` and `key`, or `pfx`. */
export interface TlsCertificateOptions {
  /**
   * The certificate in PEM, followed by the other certificates of its chain. Other blocks and
   * text are ignored.
   */
  cert?: string;
  /** The certificate's private key in PEM; an encrypted key needs `passphrase`. */
  key?: string;
  /**
   * A PKCS#12 file (`.pfx`, `.p12`) instead of `cert` and `key`. Its certificates are not
   * trusted: only those of `caCerts` are.
   */
  pfx?: Uint8Array;
  /** The passphrase of `key` or `pfx`: at most 1024 bytes of UTF-8. */
  passphrase?: string;
}

/** Which peers are trusted. */
export interface TlsTrustOptions {
  /**
   * The trusted certificates in PEM: clients verify servers by them, servers verify clients.
   */
  caCerts?: string[];
  /**
   * Whether a chain may end at any certificate of `caCerts`. By default false: a chain must
   * end at a self-signed certificate (`X509_V_FLAG_PARTIAL_CHAIN`).
   */
  allowPartialChain?: boolean;
  /**
   * Certificate revocation lists (RFC 5280, section 5), in PEM or DER. With any, each issuer in
   * a peer's chain needs a list that is in force, and no certificate of the chain may be on one
   * (`X509_V_FLAG_CRL_CHECK_ALL`).
   */
  crl?: string | Uint8Array | readonly (string | Uint8Array)[];
  /**
   * Whether clients accept a host name in the common name of a certificate's subject if the
   * certificate has no subject alternative names. By default false (RFC 9525, section 2): name
   * constraints of the issuer may not cover the common name.
   */
  allowCommonName?: boolean;
  /**
   * Whether a server requests a client certificate in the handshake, or requires one. By
   * default `"none"`.
   */
  clientAuth?: "none" | "request" | "require";
  /**
   * Whether clients offer to authenticate after the handshake, and servers may request it by
   * {@linkcode TlsEngine.requestCertificate} or {@linkcode TlsSocket.requestCertificate}, in
   * TLS 1.3 (RFC 8446, section 4.6.2). A session made after the client's answer includes it: a
   * connection that resumes the session has that certificate from the start. Servers need
   * `caCerts`. By default false.
   */
  postHandshakeAuth?: boolean;
  /**
   * Whether a server that requests a certificate sends the subjects of `caCerts` (RFC 8446,
   * section 4.2.4). By default it sends them unless they take more than 64 000 bytes, about
   * what a handshake message has room for.
   */
  sendCaNames?: boolean;
}

/** What connections negotiate. */
export interface TlsProtocolOptions {
  /** The application protocols (ALPN), the preferred one first. */
  alpnProtocols?: string[];
  /** The lowest version, by default `"TLSv1.2"`. */
  minVersion?: TlsVersion;
  /** The highest version, by default `"TLSv1.3"`. */
  maxVersion?: TlsVersion;
  /**
   * Whether a server chooses Diffie-Hellman parameters of the strength of its certificate's
   * key for the `DHE` cipher suites of TLS 1.2 (`"auto"`, the default), or disables these.
   */
  dhparam?: "auto" | "none";
  /**
   * The most bytes of certificates that a peer may send, and for clients of the certificate
   * request (`SSL_CTX_set_max_cert_list`): 1 to 16777215, by default 65536. More fails the
   * handshake: "excessive message size".
   */
  maxCertList?: number;
  /** Commands of OpenSSL's configuration files (SSL_CONF_cmd(3)), such as `["Groups", "X25519"]`. */
  configure?: readonly (readonly [command: string, value: string])[];
  /**
   * Called with each line of a key log (RFC 9850, `SSLKEYLOGFILE`), which holds secrets: for
   * debugging.
   */
  keyLog?: (line: string) => void;
}

/** All options of a context, as the files below `context.ts` see them. */
export interface CoreOptions
  extends
    TlsCertificateOptions,
    TlsTrustOptions,
    TlsProtocolOptions,
    TlsSessionOptions {
  /** Certificates for several types of key. */
  certificates?: readonly TlsCertificateOptions[];
  /** Chooses the context that serves: a `TlsContext`. */
  contextFor?: (serverName: string | null) => MaybePromise<object | undefined>;
  /** The instance of the context. */
  openssl?: OpenSSL;
}

/** The names of all options. */
export const CONTEXT_OPTION_NAMES: Readonly<Record<keyof CoreOptions, true>> = {
  ...SESSION_OPTION_NAMES,
  allowCommonName: true,
  allowPartialChain: true,
  alpnProtocols: true,
  caCerts: true,
  cert: true,
  certificates: true,
  clientAuth: true,
  configure: true,
  contextFor: true,
  crl: true,
  dhparam: true,
  key: true,
  keyLog: true,
  maxCertList: true,
  maxVersion: true,
  minVersion: true,
  openssl: true,
  passphrase: true,
  pfx: true,
  postHandshakeAuth: true,
  sendCaNames: true,
};

/** What an error says of these options where only a context takes them. */
export const IN_CONTEXT: Pick<OptionsOwner, "others" | "advice"> = {
  others: CONTEXT_OPTION_NAMES,
  advice: "it is an option of TlsContext, for options.context",
};
