/**
 * What native.c and native_tls.h do, call for call: a client and a server in one
 * instance, joined by a BIO pair, whose sessions live in a store outside of OpenSSL.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type BIO,
  type Libssl,
  OpenSSL,
  type SSL,
  type SSL_CTX,
  SSL_ERROR_WANT_READ,
  type SSL_METHOD,
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_OFF,
  SSL_SESS_CACHE_SERVER,
  type SSL_SESSION,
  SSL_VERIFY_PEER,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../src/libssl/mod.ts";
import type { Measurement } from "./measurements.mjs";
import { type Implementation, rate } from "./peer.mjs";

interface Contexts {
  client: SSL_CTX;
  server: SSL_CTX;
}

interface Pair {
  client: SSL;
  server: SSL;
}

const RECORD_BYTES = 16384;
const RECORDS_A_STEP = 16;
const STORE_SIZE = 4096;
const SUITES = {
  "AES-128-GCM": "TLS_AES_128_GCM_SHA256",
  "AES-256-GCM": "TLS_AES_256_GCM_SHA384",
  "ChaCha20-Poly1305": "TLS_CHACHA20_POLY1305_SHA256",
};

/** Sesame's raw functions, with certificates from a folder. */
export class Sesame implements Implementation {
  readonly runtime: string;
  readonly #openssl = new OpenSSL();
  readonly #c: Libssl = this.#openssl.libssl;
  readonly #certificates: string;

  constructor(certificates: string) {
    this.#certificates = certificates;
    this.runtime = `${this.#openssl.version}, ${navigator.userAgent}`;
  }

  mallocFootprint = (): number => this.#openssl.memory.used;

  handshake(m: Measurement): Promise<void> {
    this.#close(this.#connect(this.#contexts(m)));
    return Promise.resolve();
  }

  async handshakesPerSecond(m: Measurement, seconds: number): Promise<number> {
    const contexts = this.#contexts(m);
    let session: SSL_SESSION | null = null;
    return await rate(seconds, () => {
      const pair = this.#connect(contexts, m.resumed ? session : null);
      const expected = m.resumed && session ? 1 : 0;
      for (const end of [pair.client, pair.server]) {
        must(this.#c.SSL_session_reused(end) === expected, "resume");
      }
      this.#c.SSL_SESSION_free(session);
      session = this.#c.SSL_get1_session(pair.client);
      this.#close(pair);
      return 1;
    });
  }

  async serversPerSecond(m: Measurement, seconds: number): Promise<number> {
    const { serversPerSecond } = await import("./engine_sesame.ts");
    return serversPerSecond(m, seconds, this.#certificates);
  }

  /** Imported only here, as the time of the import is measured too. */
  async handshakesOverTcp(m: Measurement, seconds: number): Promise<number> {
    const { handshakesOverTcp } = await import("./tcp_sesame.ts");
    return await handshakesOverTcp(m, seconds, this.#certificates);
  }

  async bulkOverTcp(m: Measurement, seconds: number): Promise<number> {
    const { bulkOverTcp } = await import("./tcp_bulk.ts");
    return await bulkOverTcp(m, seconds, this.#certificates);
  }

  async requestsOverHttps(m: Measurement, seconds: number): Promise<number> {
    const { requestsOverHttps } = await import("./http_sesame.ts");
    return await requestsOverHttps(m, seconds, this.#certificates);
  }

  async holdOverTcp(
    m: Measurement,
    count: number,
  ): Promise<() => Promise<void>> {
    const { holdOverTcp } = await import("./tcp_sesame.ts");
    return await holdOverTcp(m, count, this.#certificates);
  }

  async bytesPerSecond(m: Measurement, seconds: number): Promise<number> {
    const { client, server } = this.#connect(this.#contexts(m));
    const sent = new Uint8Array(RECORD_BYTES);
    const received = new Uint8Array(RECORD_BYTES);
    return await rate(seconds, () => {
      for (let i = 0; i < RECORDS_A_STEP; i++) {
        this.#transfer(client, server, sent, received);
      }
      return RECORDS_A_STEP * RECORD_BYTES;
    });
  }

  holdConnections(m: Measurement, count: number): Promise<() => void> {
    const store = new Map<string, Uint8Array>();
    const contexts = this.#contexts(m, store);
    const byte = new Uint8Array(1);
    const pairs = Array.from({ length: count }, () => {
      const pair = this.#connect(contexts);
      this.#transfer(pair.client, pair.server, byte, byte);
      this.#transfer(pair.server, pair.client, byte, byte);
      store.clear();
      return pair;
    });
    return Promise.resolve(() => pairs.forEach((pair) => this.#close(pair)));
  }

  #transfer(from: SSL, to: SSL, sent: Uint8Array, received: Uint8Array): void {
    must(this.#c.SSL_write(from, sent) === sent.length, "write a record");
    must(this.#c.SSL_read(to, received) === sent.length, "read a record");
  }

  /** The client reads once after the handshake: TLS 1.3 tickets come as data does. */
  #connect(contexts: Contexts, session: SSL_SESSION | null = null): Pair {
    const c = this.#c;
    const client = made(c.SSL_new(contexts.client));
    const server = made(c.SSL_new(contexts.server));
    const [clientEnd, serverEnd] = made(c.BIO_new_bio_pair(0, 0));
    c.SSL_set_bio(client, clientEnd, clientEnd);
    c.SSL_set_bio(server, serverEnd, serverEnd);
    c.SSL_set_connect_state(client);
    c.SSL_set_accept_state(server);
    if (session) must(c.SSL_set_session(client, session), "set the session");

    let clientDone = false;
    let serverDone = false;
    for (let flight = 0; !clientDone || !serverDone; flight++) {
      must(flight < 10, "finish the handshake");
      clientDone ||= c.SSL_do_handshake(client) === 1;
      serverDone ||= c.SSL_do_handshake(server) === 1;
    }
    const read = c.SSL_read(client, new Uint8Array(1));
    const wanted = c.SSL_get_error(client, read) === SSL_ERROR_WANT_READ;
    must(wanted, "read the tickets");
    return { client, server };
  }

  #close({ client, server }: Pair): void {
    this.#c.SSL_shutdown(client);
    this.#c.SSL_shutdown(server);
    this.#c.SSL_free(client);
    this.#c.SSL_free(server);
  }

  #contexts(m: Measurement, store = new Map<string, Uint8Array>()): Contexts {
    const c = this.#c;
    const cert = made(this.#pem(m.key, "cert", c.PEM_read_bio_X509));
    const key = made(this.#pem(m.key, "key", c.PEM_read_bio_PrivateKey));
    const client = this.#context(c.TLS_client_method(), m);
    const server = this.#context(c.TLS_server_method(), m);

    c.SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_OFF);
    c.SSL_CTX_set_verify(client, SSL_VERIFY_PEER, null);
    c.X509_STORE_add_cert(made(c.SSL_CTX_get_cert_store(client)), cert);

    must(c.SSL_CTX_use_certificate(server, cert), "use the certificate");
    must(c.SSL_CTX_use_PrivateKey(server, key), "use the key");
    c.SSL_CTX_set_options(server, SSL_OP_NO_TICKET);
    c.SSL_CTX_set_session_id_context(server, new Uint8Array([1]));
    this.#useExternalStore(server, store);
    c.X509_free(cert);
    c.EVP_PKEY_free(key);
    return { client, server };
  }

  /** P-256 stands last, because in TLS 1.2 the groups limit the certificate's curve too. */
  #context(method: SSL_METHOD, m: Measurement): SSL_CTX {
    const c = this.#c;
    const ctx = made(c.SSL_CTX_new(method));
    const version = m.version === "TLSv1.3" ? TLS1_3_VERSION : TLS1_2_VERSION;
    const ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
    must(c.SSL_CTX_set_min_proto_version(ctx, version), "set the version");
    must(c.SSL_CTX_set_max_proto_version(ctx, version), "set the version");
    must(c.SSL_CTX_set1_groups_list(ctx, `${m.group}:P-256`), "set the groups");
    must(c.SSL_CTX_set_ciphersuites(ctx, SUITES[m.cipher]), "set the cipher");
    must(c.SSL_CTX_set_cipher_list(ctx, ciphers), "set the TLS 1.2 ciphers");
    return ctx;
  }

  #useExternalStore(ctx: SSL_CTX, store: Map<string, Uint8Array>): void {
    const c = this.#c;
    const mode = SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL;
    c.SSL_CTX_set_session_cache_mode(ctx, mode);
    c.SSL_CTX_sess_set_new_cb(ctx, (_ssl, session) => {
      const id = c.SSL_SESSION_get_id(session).toHex();
      store.set(id, made(c.i2d_SSL_SESSION(session)));
      for (const oldest of store.keys()) {
        if (store.size <= STORE_SIZE) break;
        store.delete(oldest);
      }
      return 0;
    });
    c.SSL_CTX_sess_set_get_cb(ctx, (_ssl, id, copy) => {
      const der = store.get(id.toHex());
      copy.value = 0;
      return der ? c.d2i_SSL_SESSION(der) : null;
    });
  }

  #pem<T>(key: string, kind: string, read: (bio: BIO) => T): T {
    const pem = readFileSync(join(this.#certificates, `${key}.${kind}.pem`));
    const bio = made(this.#c.BIO_new_mem_buf(pem));
    const result = read(bio);
    this.#c.BIO_free(bio);
    return result;
  }
}

function made<T>(value: T | null): T {
  if (value === null) throw new Error("OpenSSL is out of memory");
  return value;
}

function must(result: boolean | number, what: string): void {
  if (!result) throw new Error(`Cannot ${what}`);
}
