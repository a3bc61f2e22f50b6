import {
  type OptionPath,
  optionTypeError,
} from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";
import type { TlsError } from "../../internal/tls_error.ts";
import type { BIO, EVP_PKEY, X509, X509_CRL } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { PemData } from "../../libssl/x509/pem.ts";
import {
  allocated,
  optionFailure,
  type Sentence,
} from "../errors/openssl_error.ts";
import { isOneLine, pemLines } from "./pem_text.ts";

/** The first byte of anything in DER that is read here: a SEQUENCE. */
const SEQUENCE = 0x30;

/** `PEM_R_NO_START_LINE` with its library: no more blocks. */
const NO_START_LINE = 9 << 23 | 108;

/** How a certificate is read, by the label of its block. */
const CERTIFICATES: ReadonlyMap<string, "d2i_X509" | "d2i_X509_AUX"> = new Map([
  ["CERTIFICATE", "d2i_X509"],
  ["X509 CERTIFICATE", "d2i_X509"],
  // With the purposes that it is trusted for.
  ["TRUSTED CERTIFICATE", "d2i_X509_AUX"],
]);

/**
 * Calls `use` with the certificates in `pem`, in their order, and with their DER.
 *
 * @throws {TypeError} If `pem` is not a string.
 * @throws {TlsError} `certificate`, if it has no certificate or one that can't be read.
 */
export function withCertificates<T>(
  libssl: Libssl,
  pem: string,
  path: OptionPath,
  use: (
    certificates: readonly [X509, ...X509[]],
    der: readonly Uint8Array[],
  ) => T,
): T {
  const blocks = readBlocks(libssl, pemLines(pem, path), path);
  const own = blocks.filter((block) => CERTIFICATES.has(block.name));
  return withObjects(
    own,
    (block) =>
      libssl[CERTIFICATES.get(block.name) ?? "d2i_X509"](block.data) ??
        unreadable(libssl, path, "a certificate"),
    (x) => libssl.X509_free(x),
    ([leaf, ...chain]) => {
      if (leaf) return use([leaf, ...chain], own.map(({ data }) => data));
      throw missing(libssl, path, "certificates", blocks, pem);
    },
  );
}

/**
 * Calls `use` with the first private key in `pem`.
 *
 * @throws {TypeError} If `pem` is not a string.
 * @throws {TlsError} `certificate`, if it has no private key, or one that can't be read or
 * that `passphrase` doesn't decrypt.
 */
export function withPrivateKey<T>(
  libssl: Libssl,
  pem: string,
  path: OptionPath,
  use: (key: EVP_PKEY) => T,
  passphrase?: string,
): T {
  const text = pemLines(pem, path);
  const blocks = readBlocks(libssl, text, path);
  const block = blocks.find(({ name }) => name.endsWith("PRIVATE KEY"));
  if (!block) throw missing(libssl, path, "a private key", blocks, pem);
  const isEncrypted = block.name === "ENCRYPTED PRIVATE KEY" ||
    block.header.includes("ENCRYPTED");
  if (isEncrypted && passphrase === undefined) {
    unreadable(
      libssl,
      path,
      "the private key is encrypted and needs a passphrase",
    );
  }
  const key = withText(
    libssl,
    text,
    (bio) => libssl.PEM_read_bio_PrivateKey(bio, passphrase),
  );
  if (key === null) {
    unreadable(
      libssl,
      path,
      isEncrypted
        ? "the passphrase is wrong, or the private key is damaged"
        : `${block.name} is not a private key that OpenSSL reads`,
    );
  }
  try {
    return use(key);
  } finally {
    libssl.EVP_PKEY_free(key);
  }
}

/**
 * Calls `use` with the certificate revocation lists in `crl`, which is PEM, or bytes of PEM or
 * DER, and with their DER.
 *
 * @throws {TypeError} If `crl` is neither a string nor a Uint8Array.
 * @throws {TlsError} `certificate`, if it has no list or one that can't be read.
 */
export function withCrls<T>(
  libssl: Libssl,
  crl: string | Uint8Array,
  path: OptionPath,
  use: (crls: readonly X509_CRL[], der: readonly Uint8Array[]) => T,
): T {
  const lists = readCrls(libssl, crl, path);
  return withObjects(
    lists,
    (der) =>
      libssl.d2i_X509_CRL(der) ??
        unreadable(libssl, path, "a certificate revocation list"),
    (list) => libssl.X509_CRL_free(list),
    (objects) => use(objects, lists),
  );
}

function readCrls(
  libssl: Libssl,
  crl: string | Uint8Array,
  path: OptionPath,
): Uint8Array[] {
  if (crl instanceof Uint8Array) {
    if (crl[0] === SEQUENCE) return [crl];
  } else if (typeof crl !== "string") {
    throw optionTypeError(
      path,
      `must be a string of PEM or a Uint8Array, received ${received(crl)}`,
    );
  }
  const text = typeof crl === "string" ? crl : new TextDecoder().decode(crl);
  const blocks = readBlocks(libssl, pemLines(text, path), path);
  const lists = blocks.filter(({ name }) => name === "X509 CRL");
  if (lists.length > 0) return lists.map(({ data }) => data);
  throw missing(libssl, path, "certificate revocation lists", blocks, text);
}

/** All blocks of a text; the content of private keys is wiped. */
function readBlocks(libssl: Libssl, text: string, path: OptionPath): PemData[] {
  libssl.ERR_clear_error();
  return withText(libssl, text, (bio) => {
    const blocks: PemData[] = [];
    for (;;) {
      const block = libssl.PEM_read_bio(bio);
      if (block === null) break;
      if (block.name.endsWith("PRIVATE KEY")) block.data.fill(0);
      blocks.push(block);
    }
    if (libssl.ERR_peek_last_error() !== NO_START_LINE) {
      unreadable(libssl, path, `block ${blocks.length + 1} of its PEM`);
    }
    libssl.ERR_clear_error();
    return blocks;
  });
}

function withText<T>(libssl: Libssl, text: string, use: (bio: BIO) => T): T {
  const bytes = new TextEncoder().encode(text);
  const bio = allocated(libssl.BIO_new_mem_buf(bytes), "a BIO");
  bytes.fill(0);
  try {
    return use(bio);
  } finally {
    libssl.BIO_free(bio);
  }
}

/** Calls `use` with what `read` returns for each source, and frees these objects. */
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

/** The text itself is not part of the error: it may be a damaged key. */
function missing(
  libssl: Libssl,
  path: OptionPath,
  what: string,
  blocks: readonly PemData[],
  text: string,
): TlsError {
  const labels = [...new Set(blocks.map(({ name }) => name))].join(" and ");
  const found = labels !== ""
    ? `only ${labels}`
    : text !== "" && isOneLine(text)
    ? "no PEM: pass the content of a file, not its path"
    : "no PEM";
  return failure(
    libssl,
    path,
    (nameOf) =>
      `Cannot read ${nameOf(path)}: expected ${what} in PEM, found ${found}`,
  );
}

function unreadable(libssl: Libssl, path: OptionPath, what: string): never {
  throw failure(
    libssl,
    path,
    (nameOf) => `Cannot read ${nameOf(path)}: ${what}`,
  );
}

function failure(
  libssl: Libssl,
  path: OptionPath,
  sentence: Sentence,
): TlsError {
  return optionFailure(libssl, "certificate", path, sentence);
}
