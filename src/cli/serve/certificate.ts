import { createTestCertificate } from "../../testing/certificate.ts";
import { fingerprint } from "../fingerprint.ts";
import { writeOwnFile } from "../own_file.ts";
import { unusable } from "../unusable.ts";
import { UsageError } from "../usage_error.ts";
import type { ServeFlags } from "./flags.ts";

const THROW_AWAY_HOSTS = ["localhost", "127.0.0.1", "::1"];

/** What a server shows, and how to tell people of it. */
export interface Certificate {
  /** The chain in PEM. */
  readonly cert: string;
  /** The private key in PEM. */
  readonly key: string;
  /** A line for people: where it is from, and its fingerprint. */
  readonly description: string;
}

/** The certificate of the flags, or one that is made on the spot. */
export async function certificateOf(flags: ServeFlags): Promise<Certificate> {
  const { cert, key, hostname, writeCert } = flags;
  if (cert === undefined) {
    if (key !== undefined) throw new UsageError("--key needs --cert");
    return await throwAway(hostname ?? THROW_AWAY_HOSTS, writeCert);
  }
  if (key === undefined) throw new UsageError("--cert needs --key");
  if (hostname) throw new UsageError("--hostname doesn't go with --cert");
  if (writeCert) throw new UsageError("--write-cert doesn't go with --cert");
  const chain = await readPem("--cert", cert);
  return {
    cert: chain,
    key: await readPem("--key", key),
    description: `Certificate: ${cert}, ${await fingerprintOf(chain)}`,
  };
}

/** The text of a PEM file that an option names. */
export async function readPem(option: string, path: string): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw unusable(`read ${option} ${path}`, error);
  }
  if (text.includes("-----BEGIN ")) return text;
  throw new UsageError(`Cannot read ${option} ${path}: it has no PEM`);
}

async function throwAway(
  hosts: string[],
  writeTo: string | undefined,
): Promise<Certificate> {
  const { cert, key } = makeCertificate(hosts);
  const where = writeTo === undefined
    ? "--write-cert FILE keeps it for clients"
    : `kept in ${writeTo}`;
  if (writeTo !== undefined) write(writeTo, cert);
  return {
    cert,
    key,
    description:
      `Certificate: a throw-away one for ${hosts.join(", ")} (${where}), ` +
      await fingerprintOf(cert),
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
async function fingerprintOf(pem: string): Promise<string> {
  const [, base64 = ""] =
    /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(pem) ??
      [];
  try {
    return `SHA-256 ${await fingerprint(Uint8Array.fromBase64(base64))}`;
  } catch {
    throw new UsageError("Cannot read --cert: expected certificates in PEM");
  }
}
