import type { SSL_CTX, X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";

/** About as many as a certificate request has room for (RFC 8446, section 4.2). */
const MAX_BYTES = 64_000;
/** The length before each name. */
const LENGTH_BYTES = 2;

/** The distinguished names in a server's certificate request, each once. */
export class CaNames {
  readonly #libssl: Libssl;
  readonly #authorities = new Map<string, X509>();
  #bytes = 0;

  /** An empty list. */
  constructor(libssl: Libssl) {
    this.#libssl = libssl;
  }

  /** Adds the subject of a certificate. */
  add(x: X509): void {
    const name = this.#libssl.X509_get_subject_name_der(x);
    if (name === null) return;
    const key = name.join();
    if (this.#authorities.has(key)) return;
    this.#libssl.X509_up_ref(x);
    this.#authorities.set(key, x);
    this.#bytes += LENGTH_BYTES + name.length;
  }

  /** Whether a certificate request has room for them. */
  get fit(): boolean {
    return this.#bytes <= MAX_BYTES;
  }

  /** The predicate of an error about names that don't fit. */
  get excess(): string {
    return `needs caCerts whose names take at most ${MAX_BYTES} bytes, received ${this.#bytes}`;
  }

  /** Sets them on a context: 1, or 0 if that fails. */
  send(ctx: SSL_CTX): number {
    const failed = [...this.#authorities.values()]
      .some((x) => this.#libssl.SSL_CTX_add_client_CA(ctx, x) !== 1);
    return Number(!failed);
  }

  /** Gives the certificates back. */
  free(): void {
    for (const x of this.#authorities.values()) this.#libssl.X509_free(x);
  }
}
