import type { OpenSSL } from "@sesame/tls";
import type { BIO, Libssl, SSL } from "../../src/libssl/mod.ts";
import { made } from "./pair.ts";

/** How a {@linkcode RawClient} differs from OpenSSL's defaults. */
export interface RawClientOptions {
  /** Its key exchange groups. */
  groups?: string;
  /** A session that it proposes, in DER. */
  session?: Uint8Array;
}

/** A client that trusts anyone, and can be made to do what an engine doesn't. */
export class RawClient implements Disposable {
  /** The connection. */
  readonly ssl: SSL;
  readonly #libssl: Libssl;
  readonly #network: BIO;

  constructor({ libssl }: OpenSSL, { groups, session }: RawClientOptions) {
    const ctx = made(libssl.SSL_CTX_new(libssl.TLS_method()));
    if (groups) libssl.SSL_CTX_set1_groups_list(ctx, groups);
    const [inner, network] = made(libssl.BIO_new_bio_pair());
    this.#libssl = libssl;
    this.#network = network;
    this.ssl = made(libssl.SSL_new(ctx));
    libssl.SSL_CTX_free(ctx);
    libssl.SSL_set_bio(this.ssl, inner, inner);
    libssl.SSL_set_connect_state(this.ssl);
    if (session) this.#propose(session);
  }

  /** Its answer to what the server said. */
  next(said: Uint8Array = new Uint8Array()): Uint8Array {
    const libssl = this.#libssl;
    if (said.length > 0) libssl.BIO_write(this.#network, said);
    libssl.SSL_do_handshake(this.ssl);
    const answer = new Uint8Array(libssl.BIO_ctrl_pending(this.#network));
    if (answer.length > 0) libssl.BIO_read(this.#network, answer);
    return answer;
  }

  [Symbol.dispose](): void {
    this.#libssl.SSL_free(this.ssl);
    this.#libssl.BIO_free(this.#network);
    this.#libssl.ERR_clear_error();
  }

  #propose(der: Uint8Array): void {
    const libssl = this.#libssl;
    const session = made(libssl.d2i_SSL_SESSION(der));
    const context = libssl.SSL_SESSION_get0_id_context(session);
    libssl.SSL_set_session_id_context(this.ssl, context);
    libssl.SSL_set_session(this.ssl, session);
    libssl.SSL_SESSION_free(session);
  }
}
