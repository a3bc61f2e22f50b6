/** A key, certificate or list as `node:tls` takes it: a string, or bytes. */
export type PemInput = string | ArrayBufferView;

/** One thing or several. */
export type OneOrMore<T> = T | readonly T[];

/** A private key with its passphrase. */
export interface KeyObject {
  /** The key in PEM. */
  readonly pem: PemInput;
  /** The passphrase, if it isn't `passphrase`. */
  readonly passphrase?: string | undefined;
}

/** A PKCS#12 file with its passphrase. */
export interface PfxObject {
  /** The file. */
  readonly buf: PemInput;
  /** The passphrase, if it isn't `passphrase`. */
  readonly passphrase?: string | undefined;
}

/** The options of `createSecureContext`, as Node.js 24 documents them. */
export interface SecureContextOptions {
  /** Whether a chain may end at any certificate of `ca`. By default it ends at a root. */
  allowPartialTrustChain?: boolean | undefined;
  /** The trusted certificates in PEM, in place of the default ones. */
  ca?: OneOrMore<PemInput> | undefined;
  /** Certificates in PEM, each with its chain behind it; one for each type of key. */
  cert?: OneOrMore<PemInput> | undefined;
  /** Compression of certificates (RFC 8879): checked, and without effect, since there is none here. */
  certificateCompression?: readonly ("brotli" | "zlib" | "zstd")[] | undefined;
  /** The cipher suites, in OpenSSL's list form with those of TLS 1.3. */
  ciphers?: string | null | undefined;
  /** An engine of OpenSSL's, which this module doesn't have. */
  clientCertEngine?: string | null | undefined;
  /** Certificate revocation lists in PEM. */
  crl?: OneOrMore<PemInput> | null | undefined;
  /** `"auto"`, or parameters of Diffie-Hellman in PEM. */
  dhparam?: PemInput | null | undefined;
  /** The groups of key exchanges, the preferred one first, with colons between them; or `"auto"`. */
  ecdhCurve?: string | undefined;
  /** Whether a server's order of cipher suites counts, and not the client's. */
  honorCipherOrder?: boolean | undefined;
  /** Private keys in PEM. */
  key?: OneOrMore<PemInput | KeyObject> | undefined;
  /** The highest version of TLS. */
  maxVersion?: string | null | undefined;
  /** The lowest version of TLS. */
  minVersion?: string | null | undefined;
  /** The passphrase of keys and PKCS#12 files. */
  passphrase?: string | null | undefined;
  /** PKCS#12 files. */
  pfx?: OneOrMore<PemInput | PfxObject> | null | undefined;
  /** An engine of OpenSSL's, which this module doesn't have. */
  privateKeyEngine?: string | null | undefined;
  /** The name of a key in an engine. */
  privateKeyIdentifier?: string | null | undefined;
  /** `SSL_OP_*` bits. */
  secureOptions?: number | undefined;
  /** One of OpenSSL's methods, such as `"TLSv1_2_method"`, instead of versions. */
  secureProtocol?: string | null | undefined;
  /** What a server's sessions are bound to. */
  sessionIdContext?: string | null | undefined;
  /** How long sessions last, in seconds. */
  sessionTimeout?: number | null | undefined;
  /** The signature algorithms, with colons between them. */
  sigalgs?: string | null | undefined;
  /** The keys of session tickets, 48 bytes. */
  ticketKeys?: ArrayBufferView | null | undefined;
}
