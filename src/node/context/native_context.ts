import { Buffer } from "node:buffer";
import { freeIfAlive } from "../../ffi/free_if_alive.ts";
import { SSL_OP_ALLOW_CLIENT_RENEGOTIATION } from "../../libssl/constants.ts";
import type { SSL_CTX } from "../../libssl/handles.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import { allocated } from "../../tls/errors/openssl_error.ts";
import { contextError } from "../errors/openssl_errors.ts";
import { operationFailed } from "../errors/tls_errors.ts";
import {
  issuerOf,
  type OwnCertificate,
  setCertificate,
  setKey,
  setPkcs12,
} from "./credentials.ts";
import { setDhParameters } from "./dh_parameters.ts";
import type { PemInput } from "./options.ts";
import type { ProtocolMethod } from "./protocol_method.ts";
import {
  askForTicketKeys,
  randomTicketKeys,
  type TicketKeyQuestion,
  useTicketKeys,
} from "./ticket_keys.ts";
import { ContextTrust } from "./trust.ts";

/** Nobody closes a SecureContext in Node.js: its `SSL_CTX` goes when the object does. */
const contexts = new FinalizationRegistry<() => void>((free) => free());

/** By what a context verifies, and what it shows. */
export interface ContextPolicy {
  /** The certificates of `ca`, in DER. */
  readonly authorities: readonly Uint8Array[];
  /** The lists of `crl`, as they were given. */
  readonly crls: readonly PemInput[];
  /** Whether a chain may end with an authority that isn't a root. */
  readonly allowsPartialChains: boolean;
  /** Which set of default certificates is trusted, as `caGeneration` counts them; `null` for none. */
  readonly defaults: number | null;
  /** The certificate that it shows, in DER. */
  readonly own: Uint8Array | undefined;
}

/** The `SSL_CTX` of a SecureContext, by the methods that Node.js's own has. */
export class NativeContext {
  /** The instance of OpenSSL. */
  readonly openssl: OpenSSL;
  /** See {@linkcode NativeContext.enableTicketKeyCallback}. */
  onticketkeycallback: TicketKeyQuestion | undefined;
  /** What its sessions are bound to, if it was set. */
  sessionIdContext = "";
  readonly #ctx: SSL_CTX;
  readonly #free: () => void;
  #isClosed = false;
  #own: OwnCertificate | undefined;
  readonly #trust: ContextTrust;
  #ticketKeys: Uint8Array<ArrayBuffer> | undefined;

  /** Creates a context for the roles and versions of a method. */
  constructor(
    { role, min, max }: ProtocolMethod,
    openssl: OpenSSL = OpenSSL.default,
  ) {
    this.openssl = openssl;
    const { libssl } = openssl;
    libssl.ERR_clear_error();
    const ctx = allocated(libssl.SSL_CTX_new(libssl[role]()), "a context");
    this.#ctx = ctx;
    this.#trust = new ContextTrust(openssl, ctx);
    this.#free = (): void => freeIfAlive(() => libssl.SSL_CTX_free(ctx));
    contexts.register(this, this.#free, this);
    libssl.SSL_CTX_set_min_proto_version(ctx, min);
    libssl.SSL_CTX_set_max_proto_version(ctx, max);
    libssl.SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
  }

  /** The context, borrowed: it lives as long as this object, and as its connections. */
  get ctx(): SSL_CTX {
    return this.#ctx;
  }

  /** In Node.js the `SSL_CTX`, for add-ons; here there are none. */
  get _external(): undefined {
    void this.#ctx; // A TypeError of anything else.
    return undefined;
  }

  /** The certificate that it sends, set last; `undefined` without one. */
  get own(): OwnCertificate | undefined {
    return this.#own;
  }

  /** The certificates of `ca`, in DER; none if it trusts the default ones. */
  get authorities(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#trust.authorities;
  }

  /** By what a server is verified, and what it is shown: resuming a session repeats neither. */
  get policy(): ContextPolicy {
    const { authorities, crls, allowsPartialChains, defaults } = this.#trust;
    const own = this.#own?.cert;
    return { authorities, crls, allowsPartialChains, defaults, own };
  }

  /**
   * Has the default certificates trusted, if they are to be: before connections are made that
   * verify their peer. A server that doesn't is spared reading them.
   */
  prepareToVerify(): void {
    this.#trust.prepare();
  }

  setCert(cert: PemInput): void {
    this.#own = setCertificate(this.openssl.libssl, this.#ctx, cert);
  }

  setKey(key: PemInput, passphrase?: string): void {
    setKey(this.openssl, this.#ctx, key, passphrase);
  }

  loadPKCS12(pfx: PemInput, passphrase?: PemInput): void {
    this.#own = setPkcs12(
      this.openssl.libssl,
      this.#ctx,
      pfx,
      passphrase,
      (x) => this.#trust.add(x),
    );
  }

  addCACert(ca: PemInput): void {
    this.#trust.addAuthorities(ca);
  }

  addRootCerts(): void {
    this.#trust.addDefaults();
  }

  addCRL(crl: PemInput): void {
    this.#trust.addCrls(crl);
  }

  setAllowPartialTrustChain(): void {
    this.#trust.allowPartialChains();
  }

  setCiphers(ciphers: string): void {
    const { libssl } = this.openssl;
    libssl.ERR_clear_error();
    const isSet = libssl.SSL_CTX_set_cipher_list(this.#ctx, ciphers) === 1;
    // None of TLS 1.2 and below.
    if (isSet || ciphers === "") return libssl.ERR_clear_error();
    throw contextError(libssl);
  }

  setCipherSuites(suites: string): void {
    this.#demand((libssl, ctx) => libssl.SSL_CTX_set_ciphersuites(ctx, suites));
  }

  setSigalgs(sigalgs: string): void {
    this.#demand((libssl, ctx) =>
      libssl.SSL_CTX_set1_sigalgs_list(ctx, sigalgs)
    );
  }

  setECDHCurve(curves: string): void {
    if (curves === "auto") return;
    const { libssl } = this.openssl;
    if (libssl.SSL_CTX_set1_groups_list(this.#ctx, curves) === 1) return;
    libssl.ERR_clear_error();
    throw operationFailed("Failed to set ECDH curve");
  }

  /** Returns a warning, if the parameters are weak. */
  setDHParam(parameters: PemInput | true): string | undefined {
    return setDhParameters(this.openssl.libssl, this.#ctx, parameters);
  }

  setMinProto(version: number): void {
    this.openssl.libssl.SSL_CTX_set_min_proto_version(this.#ctx, version);
  }

  setMaxProto(version: number): void {
    this.openssl.libssl.SSL_CTX_set_max_proto_version(this.#ctx, version);
  }

  getMinProto(): number {
    return this.openssl.libssl.SSL_CTX_get_min_proto_version(this.#ctx);
  }

  getMaxProto(): number {
    return this.openssl.libssl.SSL_CTX_get_max_proto_version(this.#ctx);
  }

  setOptions(options: number): void {
    this.openssl.libssl.SSL_CTX_set_options(
      this.#ctx,
      BigInt.asUintN(64, BigInt(options)),
    );
  }

  setSessionIdContext(context: string): void {
    this.sessionIdContext = context;
    const { libssl } = this.openssl;
    libssl.ERR_clear_error();
    const bytes = new TextEncoder().encode(context);
    if (libssl.SSL_CTX_set_session_id_context(this.#ctx, bytes) === 1) return;
    throw new TypeError(contextError(libssl).message);
  }

  setSessionTimeout(seconds: number): void {
    this.openssl.libssl.SSL_CTX_set_timeout(this.#ctx, seconds);
  }

  setTicketKeys(keys: ArrayBufferView): void {
    const { buffer, byteOffset, byteLength } = keys;
    this.#ticketKeys = new Uint8Array(buffer, byteOffset, byteLength).slice();
    useTicketKeys(this.openssl, this.#ctx, this.#ticketKeys);
  }

  /** Has the context's tickets protected by keys of its own: before a server's connection. */
  prepareToServe(): void {
    if (this.#ticketKeys !== undefined) return;
    this.setTicketKeys(randomTicketKeys(this.openssl));
  }

  getTicketKeys(): Buffer {
    this.prepareToServe();
    return Buffer.from(this.#ticketKeys ?? []);
  }

  /**
   * Asks `onticketkeycallback(name, iv, isNew)` for the keys of tickets from here: `[1, hmacKey,
   * aesKey, name]`, with 2 for a ticket that is to be renewed. Node.js doesn't document it.
   */
  enableTicketKeyCallback(): void {
    askForTicketKeys(
      this.openssl,
      this.#ctx,
      (...of) => this.onticketkeycallback?.(...of),
    );
  }

  /** The certificate that it sends, in DER. */
  getCertificate(): Buffer | null {
    return this.#own === undefined ? null : Buffer.from(this.#own.cert);
  }

  /** The issuer of that certificate, in DER, if the context has it. */
  getIssuer(): Buffer | null {
    if (this.#own === undefined) return null;
    const { cert, chain } = this.#own;
    const issuer = issuerOf(this.openssl.libssl, cert, [
      ...chain,
      ...this.#trust.authorities,
    ]);
    return issuer && Buffer.from(issuer);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    contexts.unregister(this);
    this.#free();
  }

  #demand(
    set: (libssl: OpenSSL["libssl"], ctx: SSL_CTX) => number,
  ): void {
    const { libssl } = this.openssl;
    libssl.ERR_clear_error();
    if (set(libssl, this.#ctx) !== 1) throw contextError(libssl);
  }
}
