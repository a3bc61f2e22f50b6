import {
  X509_V_FLAG_CRL_CHECK,
  X509_V_FLAG_CRL_CHECK_ALL,
  X509_V_FLAG_PARTIAL_CHAIN,
} from "../../libssl/constants.ts";
import type { SSL_CTX, X509, X509_STORE } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { allocated } from "../../tls/errors/openssl_error.ts";
import { operationFailed } from "../errors/tls_errors.ts";
import { caGeneration } from "../ca_certificates.ts";
import { addDefaultRoots, defaultStore } from "./default_roots.ts";
import type { PemInput } from "./options.ts";
import { withCertificates, withInput } from "./pem.ts";

/** What a context trusts: its authorities, revocation lists, and the default certificates. */
export class ContextTrust {
  readonly #openssl: OpenSSL;
  readonly #ctx: SSL_CTX;
  readonly #authorities: Uint8Array<ArrayBuffer>[] = [];
  readonly #crls: PemInput[] = [];
  #allowsPartialChains = false;
  #trustsDefaults = false;
  /** Which default certificates were read: those that are set later don't change this. */
  #generation: number | undefined;
  #hasOwnStore = false;

  constructor(openssl: OpenSSL, ctx: SSL_CTX) {
    this.#openssl = openssl;
    this.#ctx = ctx;
  }

  /** The certificates of `ca`, in DER. */
  get authorities(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#authorities;
  }

  /** The lists of `crl`, as they were given. */
  get crls(): readonly PemInput[] {
    return this.#crls;
  }

  /** Whether a chain may end with an authority that isn't a root. */
  get allowsPartialChains(): boolean {
    return this.#allowsPartialChains;
  }

  /** Which set of default certificates is trusted, as `caGeneration` counts them; `null` for none. */
  get defaults(): number | null {
    return this.#trustsDefaults ? this.#generation ?? caGeneration() : null;
  }

  /** Trusts an authority, whose name a server sends in its requests for a certificate. */
  add(x: X509): void {
    const { libssl } = this.#openssl;
    libssl.X509_STORE_add_cert(this.#ownStore(), x);
    libssl.SSL_CTX_add_client_CA(this.#ctx, x);
    const der = libssl.i2d_X509(x);
    if (der !== null) this.#authorities.push(der);
  }

  /** Trusts the authorities of a PEM. */
  addAuthorities(ca: PemInput): void {
    const { libssl } = this.#openssl;
    withCertificates(libssl, ca, (all) => all.forEach((x) => this.add(x)));
    libssl.ERR_clear_error();
  }

  /** Has certificates checked by the revocation lists of a PEM, and those of before. */
  addCrls(crl: PemInput): void {
    const { libssl } = this.#openssl;
    const store = this.#ownStore();
    const count = withInput(libssl, crl, (bio) => {
      for (let count = 0;; count++) {
        const list = libssl.PEM_read_bio_X509_CRL(bio);
        if (list === null) return count;
        libssl.X509_STORE_add_crl(store, list);
        libssl.X509_CRL_free(list);
      }
    });
    libssl.ERR_clear_error();
    if (count === 0) throw operationFailed("Failed to parse CRL");
    this.#crls.push(crl);
    libssl.X509_STORE_set_flags(
      store,
      X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL,
    );
  }

  /** Allows chains that end with an authority that isn't a root. */
  allowPartialChains(): void {
    this.#allowsPartialChains = true;
    this.#openssl.libssl.X509_STORE_set_flags(
      this.#ownStore(),
      X509_V_FLAG_PARTIAL_CHAIN,
    );
  }

  /** Trusts the default certificates, which are read by `prepare`. */
  addDefaults(): void {
    this.#trustsDefaults = true;
  }

  /** Reads the default certificates, if they are trusted. */
  prepare(): void {
    if (!this.#trustsDefaults || this.#generation !== undefined) return;
    this.#generation = caGeneration();
    const openssl = this.#openssl;
    if (this.#hasOwnStore) addDefaultRoots(openssl, this.#store());
    else {
      openssl.libssl.SSL_CTX_set1_cert_store(this.#ctx, defaultStore(openssl));
    }
  }

  /** The context's own store: the shared one of the default certificates isn't changed. */
  #ownStore(): X509_STORE {
    const openssl = this.#openssl;
    if (this.#generation !== undefined && !this.#hasOwnStore) {
      this.#generation = caGeneration();
      const store = allocated(
        openssl.libssl.X509_STORE_new(),
        "a certificate store",
      );
      addDefaultRoots(openssl, store);
      openssl.libssl.SSL_CTX_set1_cert_store(this.#ctx, store);
      openssl.libssl.X509_STORE_free(store);
    }
    this.#hasOwnStore = true;
    return this.#store();
  }

  #store(): X509_STORE {
    return allocated(
      this.#openssl.libssl.SSL_CTX_get_cert_store(this.#ctx),
      "a certificate store",
    );
  }
}
