import type { TlsCertificateOptions } from "../../../mod.ts";
import { OpenSSL, type X509 } from "../../libssl/mod.ts";
import { makeSelfSigned } from "../../pki/self_signed.ts";
import { readCertificates } from "../credentials.ts";
import { writeOutputFile } from "../files.ts";
import { fingerprint } from "../fingerprint.ts";
import { asUsageError, isOptionError } from "../option_errors.ts";
import { UsageError, usageError } from "../usage_error.ts";
import type { ServeFlags } from "./flags.ts";

const DEFAULT_HOSTS = ["localhost", "127.0.0.1", "::1"];

/** The certificates of a server. */
export interface Certificate {
  /** One or more certificates with their chains and keys. */
  readonly certificates: readonly TlsCertificateOptions[];
  /** A line with their files and fingerprints. */
  readonly description: string;
  /** Writes the self-signed certificate to the file of `--write-cert`, if there is one. */
  write(): void;
}

/** Reads the certificates that the flags name, or makes a self-signed one. */
export async function readCertificate(flags: ServeFlags): Promise<Certificate> {
  const { cert = [], pfx = [], hostname, writeCert } = flags;
  const certificates = await readCertificates(flags);
  if (certificates.length === 0) {
    return await selfSigned(hostname ?? DEFAULT_HOSTS, writeCert);
  }
  const option = cert.length > 0 ? "--cert" : "--pfx";
  if (hostname) {
    throw new UsageError(`--hostname and ${option} exclude each other`);
  }
  if (writeCert) {
    throw new UsageError(`--write-cert and ${option} exclude each other`);
  }
  const paths = [...cert, ...pfx];
  const lines = await Promise.all(
    certificates.map(async (one, i) =>
      `${paths[i]}, ${await fingerprintText(one)}`
    ),
  );
  return {
    certificates,
    description: `Certificate: ${lines.join("; ")}`,
    write: () => {},
  };
}

async function selfSigned(
  hosts: string[],
  path: string | undefined,
): Promise<Certificate> {
  const made = createCertificate(hosts);
  const where = path === undefined
    ? "--write-cert FILE writes it for clients"
    : `written to ${path}`;
  return {
    certificates: [made],
    description:
      `Certificate: self-signed for ${hosts.join(", ")} (${where}), ` +
      await fingerprintText(made),
    write: () => {
      if (path !== undefined) writeCertificate(path, made.cert);
    },
  };
}

function createCertificate(hosts: string[]): { cert: string; key: string } {
  try {
    return makeSelfSigned({ hosts });
  } catch (error) {
    throw isOptionError(error) ? asUsageError(error) : error;
  }
}

function writeCertificate(path: string, cert: string): void {
  try {
    writeOutputFile(path, cert, { isSecret: false });
  } catch (error) {
    throw usageError(`write --write-cert ${path}`, error);
  }
}

async function fingerprintText(
  { cert, pfx, passphrase }: TlsCertificateOptions,
): Promise<string> {
  const leaf = pfx === undefined
    ? leafOfPem(cert ?? "")
    : leafOfPkcs12(pfx, passphrase ?? null);
  return `SHA-256 ${await fingerprint(leaf)}`;
}

/** The first certificate of a PEM text, in DER. */
function leafOfPem(pem: string): Uint8Array {
  const { libssl } = OpenSSL.default;
  const bio = libssl.BIO_new_mem_buf(new TextEncoder().encode(pem));
  const leaf = bio && libssl.PEM_read_bio_X509_AUX(bio);
  libssl.BIO_free(bio);
  libssl.ERR_clear_error();
  if (leaf === null) {
    throw new UsageError("Cannot read --cert: the file has no certificate");
  }
  return takeDer(leaf);
}

/** The certificate of a PKCS#12 archive, in DER. */
function leafOfPkcs12(
  pfx: Uint8Array,
  passphrase: string | null,
): Uint8Array {
  const { libssl } = OpenSSL.default;
  const archive = libssl.PKCS12_parse(pfx, passphrase);
  libssl.ERR_clear_error();
  libssl.EVP_PKEY_free(archive?.key ?? null);
  for (const x of archive?.caCerts ?? []) libssl.X509_free(x);
  const leaf = archive?.cert ?? null;
  if (leaf === null) {
    throw new UsageError(
      "Cannot read --pfx: the file has no certificate in PKCS#12, or needs another passphrase (--passphrase-file)",
    );
  }
  return takeDer(leaf);
}

/** A certificate in DER; frees the handle. */
function takeDer(x: X509): Uint8Array {
  const { libssl } = OpenSSL.default;
  const der = libssl.i2d_X509(x);
  libssl.X509_free(x);
  if (der === null) throw new Error("Cannot encode the certificate");
  return der;
}
