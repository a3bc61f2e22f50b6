import { TlsError } from "../../internal/tls_error.ts";
import type { EVP_PKEY, X509, X509_CRL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import { allocated, opensslError } from "../errors/openssl_error.ts";
import {
  foundBlocks,
  type PemBlock,
  pemBlocks,
  pemBytes,
  strictPem,
} from "./pem_blocks.ts";

/** The first byte of anything in DER that is read here: a SEQUENCE. */
const SEQUENCE = 0x30;

/** A certificate, how its block is read, by the block's label. */
const CERTIFICATES: Readonly<
  Record<string, "d2i_X509" | "d2i_X509_AUX" | undefined>
> = {
  "CERTIFICATE": "d2i_X509",
  "X509 CERTIFICATE": "d2i_X509",
  // With what it may be used for, which counts.
  "TRUSTED CERTIFICATE": "d2i_X509_AUX",
};

/**
 * Runs `use` with the certificates in `pem`, the first one first.
 *
 * @throws {TypeError} If `pem` is not a string.
 * @throws {TlsError} `certificate`, if it holds none or a broken one.
 */
export function withCertificates<T>(
  libssl: Libssl,
  pem: string,
  name: string,
  use: (certificates: [X509, ...X509[]]) => T,
): T {
  const blocks = pemBlocks(pem, name);
  return withObjects(
    blocks.filter(({ label }) => readerOf(label) !== undefined),
    (block) =>
      libssl[readerOf(block.label) ?? "d2i_X509"](pemBytes(block)) ??
        unreadable(libssl, name, "certificate"),
    (x) => libssl.X509_free(x),
    ([leaf, ...chain]) => {
      if (leaf) return use([leaf, ...chain]);
      throw expected(name, "certificates", blocks, pem);
    },
  );
}

/**
 * Runs `use` with the private key in `pem`.
 *
 * @throws {TypeError} If `pem` is not a string.
 * @throws {TlsError} `certificate`, if it holds none, or an encrypted one that `passphrase`
 * doesn't open.
 */
export function withPrivateKey<T>(
  libssl: Libssl,
  pem: string,
  name: string,
  use: (key: EVP_PKEY) => T,
  passphrase?: string,
): T {
  const blocks = pemBlocks(pem, name);
  const block = blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (!block) throw expected(name, "a private key", blocks, pem);
  const isEncrypted = block.encryption !== undefined ||
    block.label === "ENCRYPTED PRIVATE KEY";
  if (isEncrypted && passphrase === undefined) {
    throw new TlsError(
      "certificate",
      `Cannot read ${name}: the private key is encrypted, and there is no passphrase for it`,
    );
  }
  const key = readKey(libssl, block, passphrase);
  if (key === null) {
    throw opensslError(
      libssl,
      "certificate",
      `Cannot read ${name}: ${
        isEncrypted
          ? "the passphrase is another, or the private key is damaged"
          : `${block.label} is no private key that OpenSSL reads`
      }`,
    );
  }
  try {
    return use(key);
  } finally {
    libssl.EVP_PKEY_free(key);
  }
}

/**
 * Runs `use` with the lists of revoked certificates in `crl`: PEM, or bytes of PEM or DER.
 *
 * @throws {TypeError} If `crl` is neither.
 * @throws {TlsError} `certificate`, if it holds none or a broken one.
 */
export function withCrls<T>(
  libssl: Libssl,
  crl: string | Uint8Array,
  name: string,
  use: (crls: readonly X509_CRL[]) => T,
): T {
  return withObjects(
    crlsOf(crl, name),
    (der) =>
      libssl.d2i_X509_CRL(der) ??
        unreadable(libssl, name, "list of revoked certificates"),
    (list) => libssl.X509_CRL_free(list),
    use,
  );
}

function crlsOf(crl: string | Uint8Array, name: string): Uint8Array[] {
  if (crl instanceof Uint8Array) {
    if (crl[0] === SEQUENCE) return [crl];
  } else if (typeof crl !== "string") {
    throw new TypeError(
      `${name} must be a string of PEM or a Uint8Array, received ${typeof crl}`,
    );
  }
  const text = typeof crl === "string" ? crl : new TextDecoder().decode(crl);
  const blocks = pemBlocks(text, name);
  const lists = blocks.filter(({ label }) => label === "X509 CRL");
  if (lists.length > 0) return lists.map(pemBytes);
  throw expected(name, "lists of revoked certificates", blocks, text);
}

function readKey(
  libssl: Libssl,
  block: PemBlock,
  passphrase: string | undefined,
): EVP_PKEY | null {
  const bytes = new TextEncoder().encode(strictPem(block));
  const bio = allocated(libssl.BIO_new_mem_buf(bytes), "a BIO");
  bytes.fill(0);
  try {
    return libssl.PEM_read_bio_PrivateKey(bio, passphrase);
  } finally {
    libssl.BIO_free(bio);
  }
}

/** Runs `use` with what `read` makes of each source, to be freed after it. */
function withObjects<Source, Handle, T>(
  sources: readonly Source[],
  read: (source: Source) => Handle,
  free: (object: Handle) => void,
  use: (objects: readonly Handle[]) => T,
): T {
  const objects: Handle[] = [];
  try {
    for (const source of sources) objects.push(read(source));
    return use(objects);
  } finally {
    objects.forEach(free);
  }
}

function readerOf(label: string): "d2i_X509" | "d2i_X509_AUX" | undefined {
  return Object.hasOwn(CERTIFICATES, label) ? CERTIFICATES[label] : undefined;
}

function expected(
  name: string,
  what: string,
  blocks: readonly PemBlock[],
  text: string,
): TlsError {
  return new TlsError(
    "certificate",
    `Cannot read ${name}: expected ${what} in PEM, found ${
      foundBlocks(blocks, text)
    }`,
  );
}

function unreadable(libssl: Libssl, name: string, what: string): never {
  throw opensslError(libssl, "certificate", `Cannot read ${name}: a ${what}`);
}
