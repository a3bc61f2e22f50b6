/**
 * A server of raw libssl in memory. Whatever OpenSSL lets a server do, right or wrong, is a hook
 * away; the same seed and clock make the same bytes.
 *
 * @module
 */
import {
  createTestPki,
  createTransportPair,
  seededEntropy,
  VirtualClock,
} from "@sesame/tls/testing";
import {
  type BIO,
  type Libssl,
  OpenSSL,
  type SSL,
  type SSL_CTX,
  SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
  SSL_VERIFY_PEER,
  type X509,
  X509_V_FLAG_CRL_CHECK,
} from "../../../src/libssl/mod.ts";
import type { CertificateAndKey } from "../../../src/pki/certificate.ts";
import type { TlsTransport } from "../../../src/tls/socket/transport.ts";
import { made } from "../../support/pair.ts";
import { LibsslConnection } from "./libssl_connection.ts";

/** Certificates of wrong servers and of their clients, valid around the default time. */
export const PKI = createTestPki({
  seed: "wrong servers",
  now: new VirtualClock().now,
});

/** What a context of the server presents, and whom it trusts. */
export interface ContextOptions {
  /** By default that of {@linkcode PKI}. */
  certificate?: CertificateAndKey;
  /** The authorities of client certificates, as PEM. By default clients aren't asked. */
  trust?: readonly string[];
  /** Whether a client must have a certificate, if it is asked. By default it must. */
  clientAuth?: "request" | "require";
  /** What sessions are bound to. By default the same for all contexts. */
  sessionIdContext?: string;
}

/** How the server differs from one of OpenSSL's defaults. */
export interface LibsslServerOptions extends ContextOptions {
  /** The seed of its randomness. By default always the same. */
  seed?: string;
  /** By default one of its own, that stands at 2030-01-01: for `auditServer`, too. */
  clock?: VirtualClock;
  /** The bytes of early data that sessions allow, and that are read. By default none. */
  maxEarlyData?: number;
  /** Sets up the context, once. */
  setUp?(libssl: Libssl, ctx: SSL_CTX, server: LibsslServer): void;
  /** Sets up each connection, before its first byte. */
  onConnection?(libssl: Libssl, ssl: SSL, connection: LibsslConnection): void;
  /** What the server says when the handshake is complete, if it doesn't wait for the client. */
  onOpen?(connection: LibsslConnection): Uint8Array | undefined;
  /** Is given what a client sends, before OpenSSL is; what it returns goes to OpenSSL. */
  onBytes?(bytes: Uint8Array, connection: LibsslConnection): Uint8Array;
  /**
   * Answers data, early data after the handshake; `null` for no answer yet. The connection ends
   * after it. By default any is answered as HTTP.
   */
  answer?(data: Uint8Array, libssl: Libssl, ssl: SSL): Uint8Array | null;
}

/** What sessions are bound to, if nothing else is said. */
export const ID_CONTEXT = "sesame";

const OK = new TextEncoder().encode(
  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
);

/** A server of raw libssl, in an instance of its own. */
export class LibsslServer implements Disposable {
  readonly libssl: Libssl;
  readonly clock: VirtualClock;
  /** The context of new connections; another can take its place. */
  ctx: SSL_CTX;
  readonly #options: LibsslServerOptions;
  readonly #contexts: SSL_CTX[] = [];

  constructor(options: LibsslServerOptions = {}) {
    const { seed = "wrong", clock = new VirtualClock() } = options;
    this.#options = options;
    this.clock = clock;
    const entropy = seededEntropy(seed);
    this.libssl = new OpenSSL({ entropy, clock: clock.now }).libssl;
    this.ctx = this.newContext(options);
    options.setUp?.(this.libssl, this.ctx, this);
  }

  /** A further context of the same instance, such as of a virtual host. The server frees it. */
  newContext(options: ContextOptions = {}): SSL_CTX {
    const { libssl } = this;
    const { trust, clientAuth, sessionIdContext = ID_CONTEXT } = options;
    const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
    this.#contexts.push(ctx);
    this.useCertificate(ctx, options.certificate ?? PKI.server);
    const id = new TextEncoder().encode(sessionIdContext);
    libssl.SSL_CTX_set_session_id_context(ctx, id);
    const { maxEarlyData = 0 } = this.#options;
    libssl.SSL_CTX_set_max_early_data(ctx, maxEarlyData);
    if (trust) {
      this.trust(ctx, trust);
      const insists = clientAuth === "request"
        ? 0
        : SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
      libssl.SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | insists, null);
    }
    return ctx;
  }

  /** Has a context present another certificate. */
  useCertificate(ctx: SSL_CTX, { cert, key }: CertificateAndKey): void {
    const { libssl } = this;
    const [leaf, ...chain] = this.#certificates(String(cert));
    const pkey = this.#read(
      String(key),
      (bio) => made(libssl.PEM_read_bio_PrivateKey(bio)),
    );
    libssl.SSL_CTX_use_cert_and_key(ctx, made(leaf ?? null), pkey, chain, 1);
    libssl.EVP_PKEY_free(pkey);
    for (const x509 of [leaf, ...chain]) libssl.X509_free(x509 ?? null);
  }

  /**
   * Has a context trust other authorities of client certificates; sessions stay as they are.
   *
   * @param list What the issuer of client certificates has revoked, in DER.
   */
  trust(
    ctx: SSL_CTX,
    authorities: readonly string[],
    list?: Uint8Array,
  ): void {
    const { libssl } = this;
    const store = made(libssl.X509_STORE_new());
    if (list) {
      const crl = made(libssl.d2i_X509_CRL(list));
      libssl.X509_STORE_add_crl(store, crl);
      libssl.X509_CRL_free(crl);
      libssl.X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    }
    for (const x509 of authorities.flatMap((pem) => this.#certificates(pem))) {
      libssl.X509_STORE_add_cert(store, x509);
      libssl.SSL_CTX_add_client_CA(ctx, x509);
      libssl.X509_free(x509);
    }
    libssl.SSL_CTX_set1_cert_store(ctx, store);
    libssl.X509_STORE_free(store);
  }

  /** Connects: the client's end, for `auditServer({ connect })`. */
  readonly connect = (): TlsTransport => {
    const { client, server } = createTransportPair();
    const { answer = () => OK, maxEarlyData = 0 } = this.#options;
    const { onBytes, onConnection, onOpen } = this.#options;
    const connection = new LibsslConnection(this.libssl, this.ctx, {
      readsEarlyData: maxEarlyData > 0,
      answer,
      ...(onBytes && { onBytes }),
      ...(onOpen && { onOpen }),
      onStart: (ssl) => onConnection?.(this.libssl, ssl, connection),
    });
    connection.serve(server);
    return client;
  };

  [Symbol.dispose](): void {
    for (const ctx of this.#contexts) this.libssl.SSL_CTX_free(ctx);
  }

  #certificates(pem: string): X509[] {
    const { libssl } = this;
    return this.#read(pem, (bio) => {
      const all: X509[] = [];
      for (;;) {
        const x509 = libssl.PEM_read_bio_X509(bio);
        if (x509 === null) break;
        all.push(x509);
      }
      libssl.ERR_clear_error();
      return all;
    });
  }

  #read<T>(pem: string, read: (bio: BIO) => T): T {
    const bio = made(
      this.libssl.BIO_new_mem_buf(new TextEncoder().encode(pem)),
    );
    try {
      return read(bio);
    } finally {
      this.libssl.BIO_free(bio);
    }
  }
}
