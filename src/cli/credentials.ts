import type { Command } from "commander";
import type { TlsCertificateOptions, TlsContextOptions } from "../../mod.ts";
import { repeated } from "./arguments.ts";
import { decodeText, readFileOf } from "./files.ts";
import { UsageError } from "./usage_error.ts";

/** The first byte of a certificate revocation list in DER: the tag of a SEQUENCE. */
const SEQUENCE = 0x30;

/** The options of {@linkcode addCredentialOptions}, as commander parses them. */
export interface CredentialFlags {
  readonly cert?: string[];
  readonly key?: string[];
  readonly pfx?: string[];
  readonly passphraseFile?: string;
  readonly crl?: string[];
  readonly partialChain?: true;
}

/** Adds the options for certificates and trust that `serve` and `connect` share. */
export function addCredentialOptions(
  command: Command,
  { cert, key }: { readonly cert: string; readonly key: string },
): Command {
  return command
    .option(
      "--cert <file>",
      `${cert}; repeatable, for several key types`,
      repeated,
    )
    .option("--key <file>", `${key}; one for each --cert`, repeated)
    .option(
      "--pfx <file>",
      "a certificate with its key (PKCS#12), instead of --cert and --key; repeatable",
      repeated,
    )
    .option(
      "--passphrase-file <file>",
      "the passphrase of --key and --pfx: the first line of this file",
    )
    .option(
      "--crl <file>",
      "reject certificates that are revoked by these lists (PEM or DER); repeatable, one for each issuer",
      repeated,
    )
    .option(
      "--partial-chain",
      "accept a chain that ends at a certificate of --ca that isn't self-signed",
    );
}

/** Reads the certificates that the flags name: none, one, or several. */
export async function readCertificates(
  flags: CredentialFlags,
): Promise<TlsCertificateOptions[]> {
  const { cert: certs = [], key: keys = [], pfx: archives = [] } = flags;
  if (certs.length !== keys.length) {
    throw new UsageError(
      "--cert and --key need each other: one --key for each --cert",
    );
  }
  const { passphraseFile } = flags;
  if (passphraseFile !== undefined && certs.length + archives.length === 0) {
    throw new UsageError("--passphrase-file needs --key or --pfx");
  }
  const passphrase = passphraseFile === undefined
    ? {}
    : { passphrase: await readPassphrase(passphraseFile) };
  return await Promise.all([
    ...certs.map(async (cert, i) => ({
      cert: await readPem("--cert", cert),
      key: await readPem("--key", keys[i] ?? ""),
      ...passphrase,
    })),
    ...archives.map(async (path) => ({
      pfx: await readFileOf("--pfx", path),
      ...passphrase,
    })),
  ]);
}

/** The options of a context for these certificates. */
export function certificateOptions(
  certificates: readonly TlsCertificateOptions[],
): Pick<TlsContextOptions, keyof TlsCertificateOptions | "certificates"> {
  const [only, ...others] = certificates;
  return others.length > 0 ? { certificates } : only ?? {};
}

/** The options of a context for `--crl` and `--partial-chain`. */
export async function readTrustOptions(
  { crl, partialChain }: CredentialFlags,
): Promise<Pick<TlsContextOptions, "crl" | "allowPartialChain">> {
  return {
    ...(crl && { crl: await Promise.all(crl.map(readCrl)) }),
    ...(partialChain && { allowPartialChain: true }),
  };
}

/**
 * Reads the PEM file that an option names.
 *
 * @throws {UsageError} If the file can't be read or has no PEM in it.
 */
export async function readPem(option: string, path: string): Promise<string> {
  const text = decodeText(await readFileOf(option, path));
  if (text.includes("-----BEGIN ")) return text;
  throw new UsageError(`Cannot read ${option} ${path}: the file has no PEM`);
}

async function readCrl(path: string): Promise<string | Uint8Array> {
  const bytes = await readFileOf("--crl", path);
  return bytes[0] === SEQUENCE ? bytes : decodeText(bytes);
}

/** Reads the passphrase of `--passphrase-file`: the first line of the file. */
export async function readPassphrase(path: string): Promise<string> {
  const text = decodeText(await readFileOf("--passphrase-file", path));
  return text.split(/\r?\n/, 1)[0] ?? "";
}
