/**
 * Keys, certificates and lists in the forms in which people have them, made in the sandbox.
 *
 * @module
 */
import { OpenSSL } from "@sesame/tls";
import {
  createTestPki,
  type TestCertificate,
  type TestPki,
} from "@sesame/tls/testing";
import type { BIO, EVP_PKEY, X509 } from "../../src/libssl/mod.ts";
import { withCertificates, withPrivateKey } from "../../src/tls/context/pem.ts";
import { made } from "./pair.ts";

const { libssl } = OpenSSL.default;
const HOUR_MS = 3_600_000;

/** Certificates for localhost, made when they are asked for, once a process. */
export const pki: TestPki = createTestPki();

/** The certificates of a text, each on its own. */
export function split(pem: string): string[] {
  return pem.split(/(?=-----BEGIN)/);
}

/** A private key in PEM, encrypted: as PKCS#8, or in its algorithm's own format. */
export function encryptedKey(
  key: string,
  password: string,
  format: "PKCS#8" | "traditional" = "PKCS#8",
): string {
  const write = format === "PKCS#8"
    ? libssl.PEM_write_bio_PKCS8PrivateKey
    : libssl.PEM_write_bio_PrivateKey_traditional;
  return withKey(key, (pkey) => textOf((bio) => write(bio, pkey, password)));
}

/** A PKCS#12 file of a certificate, its chain and `more`. */
export function pfxOf(
  { cert, key }: TestCertificate,
  password: string,
  more = "",
): Uint8Array<ArrayBuffer> {
  return withCertificates(
    libssl,
    cert + more,
    ["cert"],
    ([leaf, ...chain]) =>
      withKey(
        key,
        (pkey) => made(libssl.PKCS12_create(password, pkey, leaf, chain)),
      ),
  );
}

/** A list of the certificates that an authority has revoked, in DER. */
export function crlOf(
  issuer: TestCertificate,
  revoked: readonly TestCertificate[] = [],
  { age = HOUR_MS, lifetime = 24 * HOUR_MS } = {},
): Uint8Array<ArrayBuffer> {
  const list = made(libssl.X509_CRL_new());
  const from = new Date(Date.now() - age);
  try {
    libssl.X509_CRL_set_version(list, 1);
    withLeaf(issuer, (x) => libssl.X509_CRL_set_issuer(list, x));
    libssl.X509_CRL_set_lastUpdate(list, from);
    libssl.X509_CRL_set_nextUpdate(list, new Date(from.getTime() + lifetime));
    for (const one of revoked) {
      withLeaf(one, (x) => libssl.X509_CRL_add_revoked(list, x, from));
    }
    withKey(issuer.key, (key) => libssl.X509_CRL_sign(list, key, "SHA256"));
    return made(libssl.i2d_X509_CRL(list));
  } finally {
    libssl.X509_CRL_free(list);
  }
}

/** Bytes in PEM. */
export function pemOf(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${
    lines.join("\n")
  }\n-----END ${label}-----\n`;
}

function withKey<T>(key: string, use: (key: EVP_PKEY) => T): T {
  return withPrivateKey(libssl, key, ["key"], use);
}

function withLeaf<T>({ cert }: TestCertificate, use: (x: X509) => T): T {
  return withCertificates(libssl, cert, ["cert"], ([leaf]) => use(leaf));
}

function textOf(write: (bio: BIO) => number): string {
  const bio = made(libssl.BIO_new_mem());
  write(bio);
  const bytes = new Uint8Array(libssl.BIO_ctrl_pending(bio));
  libssl.BIO_read(bio, bytes);
  libssl.BIO_free(bio);
  return new TextDecoder().decode(bytes);
}
