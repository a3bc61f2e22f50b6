import { OpenSSL } from "../../libssl/openssl.ts";
import { createTestCertificate } from "../../testing/certificate.ts";
import type { TlsCertificateOptions } from "../../tls/context/context_options.ts";
import { withCertificates } from "../../tls/context/pem.ts";
import { certificatesOf } from "../credentials.ts";
import { fingerprint } from "../fingerprint.ts";
import { writeOwnFile } from "../own_file.ts";
import { reasonOf } from "../format.ts";
import { inFlags } from "../in_flags.ts";
import { unusable } from "../unusable.ts";
import { UsageError } from "../usage_error.ts";
import type { ServeFlags } from "./flags.ts";

const THROW_AWAY_HOSTS = ["localhost", "127.0.0.1", "::1"];

/** What a server shows, and how to tell people of it. */
export interface Certificate {
  /** The chains with their keys, one at least. */
  readonly certificates: readonly TlsCertificateOptions[];
  /** A line for people: where they are from, and their fingerprints. */
  readonly description: string;
  /** Writes it to the file of `--write-cert`, if there is one. */
  keep(): void;
}

/** The certificates of the flags, or one that is made on the spot. */
export async function certificateOf(flags: ServeFlags): Promise<Certificate> {
  const { cert = [], pfx = [], hostname, writeCert } = flags;
  const certificates = await certificatesOf(flags);
  if (certificates.length === 0) {
    return await throwAway(hostname ?? THROW_AWAY_HOSTS, writeCert);
  }
  const own = cert.length > 0 ? "--cert" : "--pfx";
  if (hostname) throw new UsageError(`--hostname doesn't go with ${own}`);
  if (writeCert) throw new UsageError(`--write-cert doesn't go with ${own}`);
  const paths = [...cert, ...pfx];
  const lines = await Promise.all(
    certificates.map(async (one, i) =>
      `${paths[i]}, ${await fingerprintOf(one)}`
    ),
  );
  return {
    certificates,
    description: `Certificate: ${lines.join("; ")}`,
    keep: () => {},
  };
}

async function throwAway(
  hosts: string[],
  writeTo: string | undefined,
): Promise<Certificate> {
  const made = makeCertificate(hosts);
  const where = writeTo === undefined
    ? "--write-cert FILE keeps it for clients"
    : `kept in ${writeTo}`;
  return {
    certificates: [made],
    description:
      `Certificate: a throw-away one for ${hosts.join(", ")} (${where}), ` +
      await fingerprintOf(made),
    keep: () => {
      if (writeTo !== undefined) write(writeTo, made.cert);
    },
  };
}

function write(path: string, cert: string): void {
  try {
    writeOwnFile(path, cert, { isSecret: false });
  } catch (error) {
    throw unusable(`write --write-cert ${path}`, error);
  }
}

function makeCertificate(hosts: string[]): { cert: string; key: string } {
  try {
    return createTestCertificate({ hosts });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(
      error.message.replace("options.hosts", "--hostname"),
    );
  }
}

/** That of the first certificate. */
async function fingerprintOf(one: TlsCertificateOptions): Promise<string> {
  return `SHA-256 ${await fingerprint(leafOf(one))}`;
}

function leafOf(
  { cert, pfx, passphrase }: TlsCertificateOptions,
): Uint8Array {
  try {
    const der = pfx === undefined
      ? firstOf(cert ?? "")
      : leafIn(pfx, passphrase ?? null);
    if (der) return der;
  } catch (error) {
    throw new UsageError(inFlags(reasonOf(error)), { cause: error });
  }
  throw new UsageError(
    pfx === undefined
      ? "Cannot read --cert: expected certificates in PEM"
      : "Cannot read --pfx: it is no PKCS#12 file with a certificate, or --passphrase-file has another passphrase",
  );
}

function firstOf(cert: string): Uint8Array | undefined {
  const { libssl } = OpenSSL.default;
  return withCertificates(libssl, cert, ["cert"], (_, [der]) => der);
}

function leafIn(
  pfx: Uint8Array,
  passphrase: string | null,
): Uint8Array<ArrayBuffer> | null {
  const { libssl } = OpenSSL.default;
  const file = libssl.PKCS12_parse(pfx, passphrase);
  libssl.ERR_clear_error();
  if (file === null) return null;
  const { key, cert, caCerts } = file;
  const der = cert && libssl.i2d_X509(cert);
  libssl.EVP_PKEY_free(key);
  for (const x of [cert, ...caCerts]) libssl.X509_free(x);
  return der;
}
