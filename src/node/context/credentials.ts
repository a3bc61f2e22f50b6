import { Buffer } from "node:buffer";
import { X509_V_OK } from "../../libssl/constants.ts";
import type { EVP_PKEY, SSL_CTX, X509 } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { nativeError } from "../errors/coded_error.ts";
import {
  contextError,
  reasonCode,
  takeEntries,
} from "../errors/openssl_errors.ts";
import { operationFailed } from "../errors/tls_errors.ts";
import type { PemInput } from "./options.ts";
import {
  inputBytes,
  NO_START_LINE,
  withCertificates,
  withInput,
} from "./pem.ts";

/** `ERR_R_UNSUPPORTED`, with the flags of a common reason. */
const UNSUPPORTED = 0x8010c;

/** A certificate that a context sends, with its chain, in DER. */
export interface OwnCertificate {
  /** The certificate. */
  readonly cert: Uint8Array<ArrayBuffer>;
  /** The certificates above it, as they were given. */
  readonly chain: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Sets the certificate of a context with its chain: the certificates of an input in PEM, the
 * first one that of the key.
 *
 * @throws {OpenSSLError} If the first can't be read, or another one is damaged.
 */
export function setCertificate(
  libssl: Libssl,
  ctx: SSL_CTX,
  input: PemInput,
): OwnCertificate {
  libssl.ERR_clear_error();
  return withCertificates(libssl, input, ([leaf, ...chain]) => {
    if (!leaf || libssl.ERR_peek_last_error() !== NO_START_LINE) {
      throw contextError(libssl);
    }
    libssl.ERR_clear_error();
    return use(libssl, ctx, leaf, chain);
  });
}

/**
 * Sets the private key of a context: the first one of an input in PEM.
 *
 * @throws {OpenSSLError} If it can't be read, or isn't that of the certificate.
 */
export function setKey(
  openssl: OpenSSL,
  ctx: SSL_CTX,
  input: PemInput,
  passphrase = "",
): void {
  const { libssl } = openssl;
  libssl.ERR_clear_error();
  const key = withInput(
    libssl,
    input,
    (bio) =>
      passphrase === ""
        ? opensslInternals.get(openssl).certificates.readKey(bio)
        : libssl.PEM_read_bio_PrivateKey(bio, passphrase),
  );
  if (key === null) throw contextError(libssl);
  try {
    usePrivateKey(libssl, ctx, key);
  } finally {
    libssl.EVP_PKEY_free(key);
  }
}

/**
 * Sets the certificate, chain and key of a PKCS#12 file, and calls `trust` with the certificates
 * above that of the key.
 *
 * @throws {Error} OpenSSL's reason as its message.
 */
export function setPkcs12(
  libssl: Libssl,
  ctx: SSL_CTX,
  input: PemInput,
  passphrase: PemInput | undefined,
  trust: (authority: X509) => void,
): OwnCertificate {
  libssl.ERR_clear_error();
  const password = passphrase === undefined
    ? null
    : Buffer.from(inputBytes(passphrase)).toString();
  const file = libssl.PKCS12_parse(inputBytes(input), password);
  if (file === null) throw pkcs12Error(libssl);
  const { key, cert, caCerts } = file;
  try {
    if (key === null) {
      throw operationFailed("Unable to load private key from PFX data");
    }
    if (cert === null) {
      throw operationFailed("Unable to load certificate from PFX data");
    }
    const own = use(libssl, ctx, cert, caCerts);
    usePrivateKey(libssl, ctx, key);
    caCerts.forEach(trust);
    return own;
  } finally {
    libssl.EVP_PKEY_free(key);
    [cert, ...caCerts].forEach((x) => libssl.X509_free(x));
  }
}

/** The certificate that issued `cert`, of those at hand, in DER; `null` if none of them did. */
export function issuerOf(
  libssl: Libssl,
  cert: Uint8Array,
  candidates: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> | null {
  const subject = libssl.d2i_X509(cert);
  if (subject === null) return null;
  try {
    return candidates.find((der) => {
      const issuer = libssl.d2i_X509_AUX(der);
      if (issuer === null) return false;
      const isIssuer = libssl.X509_check_issued(issuer, subject) === X509_V_OK;
      libssl.X509_free(issuer);
      return isIssuer;
    }) ?? null;
  } finally {
    libssl.X509_free(subject);
  }
}

function use(
  libssl: Libssl,
  ctx: SSL_CTX,
  leaf: X509,
  chain: readonly X509[],
): OwnCertificate {
  if (libssl.SSL_CTX_use_certificate(ctx, leaf) !== 1) {
    throw contextError(libssl);
  }
  for (const x of chain) {
    if (libssl.SSL_CTX_add1_chain_cert(ctx, x) !== 1) {
      throw contextError(libssl);
    }
  }
  return { cert: der(libssl, leaf), chain: chain.map((x) => der(libssl, x)) };
}

function usePrivateKey(libssl: Libssl, ctx: SSL_CTX, key: EVP_PKEY): void {
  if (libssl.SSL_CTX_use_PrivateKey(ctx, key) !== 1) {
    throw contextError(libssl);
  }
}

function pkcs12Error(libssl: Libssl): Error {
  const [first] = takeEntries(libssl);
  if (reasonCode(first) === UNSUPPORTED) {
    return nativeError(
      Error,
      "ERR_CRYPTO_UNSUPPORTED_OPERATION",
      "Unsupported PKCS12 PFX data",
    );
  }
  return new Error(first?.reason ?? "Unknown error");
}

function der(libssl: Libssl, x: X509): Uint8Array<ArrayBuffer> {
  const bytes = libssl.i2d_X509(x);
  if (bytes === null) throw operationFailed("Cannot encode a certificate");
  return bytes;
}
