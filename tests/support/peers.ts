/**
 * A client and a server over raw libssl, in one {@linkcode OpenSSL} instance with a
 * clock that stands still: what the tests of OpenSSL's own functions start from.
 *
 * @module
 */
import {
  type BIO,
  type EVP_PKEY,
  type Libssl,
  OpenSSL,
  type OpenSSLOptions,
  type SSL_CTX,
  type SSL_SESSION,
  type X509,
} from "../../src/libssl/mod.ts";
import {
  createTestCertificate,
  type TestCertificate,
  type TestKeyType,
} from "../../src/testing/certificate.ts";
import {
  SSL_OP_NO_TICKET,
  TLS1_2_VERSION,
} from "../../src/libssl/constants.ts";
import { type ConnectOptions, made, Pair } from "./pair.ts";

const START_MS = Date.UTC(2026, 0, 1);
const certificates = new Map<TestKeyType, TestCertificate>();

/** The certificate for a sort of key that all tests of this process share. */
export function testCertificate(keyType: TestKeyType): TestCertificate {
  const made = certificates.get(keyType) ?? createTestCertificate({
    keyType,
    notBefore: new Date("2000-01-01"),
    notAfter: new Date("2100-01-01"),
  });
  certificates.set(keyType, made);
  return made;
}

/** How a context of {@linkcode Peers} differs from OpenSSL's defaults. */
export interface ContextOptions {
  /** The only version that it speaks. */
  version?: number;
  /** `SSL_OP_*` bits. */
  options?: bigint;
  /** `SSL_SESS_CACHE_*` bits. */
  cacheMode?: number;
  /** The certificate that it presents; a server has one of P-256 unless told. */
  keyType?: TestKeyType;
}

/** A context whose sessions are looked up by id: TLS 1.2 without tickets. */
export const STATEFUL: ContextOptions = {
  version: TLS1_2_VERSION,
  options: SSL_OP_NO_TICKET,
};

/** An instance, the contexts and connections made in it, and its time. */
export class Peers implements Disposable {
  /** The instance. */
  readonly openssl: OpenSSL;
  /** Its functions. */
  readonly libssl: Libssl;
  /** Its time, in milliseconds; it passes only when a test sets it. */
  nowMs: number = START_MS;
  readonly #owned: (() => void)[] = [];

  /** A new instance, with the stopped clock unless told. */
  constructor(options: OpenSSLOptions = {}) {
    this.openssl = new OpenSSL({ clock: () => this.nowMs, ...options });
    this.libssl = this.openssl.libssl;
  }

  /** The instance's time, in Unix seconds. */
  get now(): number {
    return Math.floor(this.nowMs / 1000);
  }

  /** Lets time pass. */
  sleep(seconds: number): void {
    this.nowMs += seconds * 1000;
  }

  /** Gives something back when the test ends, the last first. */
  defer(free: () => void): void {
    this.#owned.push(free);
  }

  /** A context with a certificate. */
  server(options: ContextOptions = {}): SSL_CTX {
    return this.client({ keyType: "P-256", ...options });
  }

  /** A context, without a certificate unless asked for. */
  client(options: ContextOptions = {}): SSL_CTX {
    const { libssl } = this;
    const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
    this.defer(() => libssl.SSL_CTX_free(ctx));
    if (options.version !== undefined) {
      libssl.SSL_CTX_set_min_proto_version(ctx, options.version);
      libssl.SSL_CTX_set_max_proto_version(ctx, options.version);
    }
    if (options.options !== undefined) {
      libssl.SSL_CTX_set_options(ctx, options.options);
    }
    if (options.cacheMode !== undefined) {
      libssl.SSL_CTX_set_session_cache_mode(ctx, options.cacheMode);
    }
    if (options.keyType !== undefined) {
      const { cert, key } = this.certificate(options.keyType);
      libssl.SSL_CTX_use_certificate(ctx, cert);
      libssl.SSL_CTX_use_PrivateKey(ctx, key);
    }
    return ctx;
  }

  /** The shared certificate of {@linkcode testCertificate} and its key. */
  certificate(keyType: TestKeyType): { cert: X509; key: EVP_PKEY } {
    const { libssl } = this;
    const pem = testCertificate(keyType);
    const read = <T>(text: string, read: (bio: BIO) => T | null): T => {
      const bio = made(libssl.BIO_new_mem_buf(new TextEncoder().encode(text)));
      const object = made(read(bio));
      libssl.BIO_free(bio);
      return object;
    };
    const cert = read(pem.cert, libssl.PEM_read_bio_X509);
    this.defer(() => libssl.X509_free(cert));
    const key = read(pem.key, (bio) => libssl.PEM_read_bio_PrivateKey(bio));
    this.defer(() => libssl.EVP_PKEY_free(key));
    return { cert, key };
  }

  /** A connection that hasn't begun its handshake. */
  pair(server: SSL_CTX, client: SSL_CTX, options: ConnectOptions = {}): Pair {
    const pair = new Pair(this.libssl, server, client, options);
    this.defer(() => pair.close());
    return pair;
  }

  /** A connection whose handshake is done. */
  connect(
    server: SSL_CTX,
    client: SSL_CTX,
    options: ConnectOptions = {},
  ): Pair {
    const pair = this.pair(server, client, options);
    pair.handshake();
    return pair;
  }

  /** Connects, closes cleanly, and returns the session that the client got. */
  visit(
    server: SSL_CTX,
    client: SSL_CTX,
    options: ConnectOptions = {},
  ): SSL_SESSION {
    const pair = this.connect(server, client, options);
    const session = this.session(pair);
    pair.close();
    return session;
  }

  /** The session that a connection's client has now. */
  session({ client }: Pair): SSL_SESSION {
    const session = made(this.libssl.SSL_get1_session(client));
    this.defer(() => this.libssl.SSL_SESSION_free(session));
    return session;
  }

  /** Frees all that was made here; more can be made afterwards. */
  freeAll(): void {
    for (const free of this.#owned.splice(0).toReversed()) free();
  }

  /** Frees all that was made here. */
  [Symbol.dispose](): void {
    this.freeAll();
  }
}
