import { freeIfAlive } from "../../ffi/free_if_alive.ts";
import type { X509, X509_STORE } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { allocated } from "../../tls/errors/openssl_error.ts";
import { caGeneration, getCACertificates } from "../ca_certificates.ts";
import { withCertificates } from "./pem.ts";

/** The default certificates, read into one instance. */
interface Roots {
  readonly generation: number;
  readonly certificates: readonly X509[];
  readonly store: X509_STORE;
}

const rootsOf = new WeakMap<OpenSSL, Roots>();

/** The store of the default certificates, which the contexts of an instance share; borrowed. */
export function defaultStore(openssl: OpenSSL): X509_STORE {
  return current(openssl).store;
}

/** Adds the default certificates to a store. */
export function addDefaultRoots(openssl: OpenSSL, store: X509_STORE): void {
  const { libssl } = openssl;
  for (const x of current(openssl).certificates) {
    libssl.X509_STORE_add_cert(store, x);
  }
}

/** Reading more than a hundred certificates takes milliseconds: once, until others are set. */
function current(openssl: OpenSSL): Roots {
  const known = rootsOf.get(openssl);
  const generation = caGeneration();
  if (known?.generation === generation) return known;
  const roots = read(openssl, generation);
  if (known !== undefined) release(openssl, known);
  rootsOf.set(openssl, roots);
  return roots;
}

function read(openssl: OpenSSL, generation: number): Roots {
  const { libssl } = openssl;
  const store = allocated(libssl.X509_STORE_new(), "a certificate store");
  const certificates: X509[] = [];
  for (const pem of getCACertificates()) {
    withCertificates(libssl, pem, (all) => {
      for (const x of all) {
        libssl.X509_STORE_add_cert(store, x);
        libssl.X509_up_ref(x);
        certificates.push(x);
      }
    });
  }
  libssl.ERR_clear_error();
  return { generation, certificates, store };
}

function release({ libssl }: OpenSSL, { certificates, store }: Roots): void {
  freeIfAlive(() => {
    certificates.forEach((x) => libssl.X509_free(x));
    libssl.X509_STORE_free(store);
  });
}
