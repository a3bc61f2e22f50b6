import type { Command } from "commander";
import type { TlsContextOptions } from "../tls/context/context.ts";
import type { TlsCertificateOptions } from "../tls/context/context_options.ts";
import { more } from "./arguments.ts";
import { unusable } from "./unusable.ts";
import { UsageError } from "./usage_error.ts";

/** The first byte of a list in DER. */
const SEQUENCE = 0x30;

/** Whom to trust, and what to show, as commander gives it. */
export interface CredentialFlags {
  readonly cert?: string[];
  readonly key?: string[];
  readonly pfx?: string[];
  readonly passphraseFile?: string;
  readonly crl?: string[];
  readonly partialChain?: true;
}

/** Adds the options that `serve` and `connect` have in common. */
export function addCredentialOptions(
  command: Command,
  { cert, key }: { readonly cert: string; readonly key: string },
): Command {
  return command
    .option("--cert <file>", `${cert}; again for another sort of key`, more)
    .option("--key <file>", `${key}; one for each --cert`, more)
    .option(
      "--pfx <file>",
      "a certificate with its key in PKCS#12, in place of --cert and --key; repeatable",
      more,
    )
    .option(
      "--passphrase-file <file>",
      "what --key and --pfx are encrypted with: the first line of this file",
    )
    .option(
      "--crl <file>",
      "refuse certificates that these lists (PEM or DER) revoke; repeatable, and every issuer needs one",
      more,
    )
    .option(
      "--partial-chain",
      "trust the certificates of --ca although they aren't roots",
    );
}

/** The certificates that flags name: none, one, or several. */
export async function certificatesOf(
  flags: CredentialFlags,
): Promise<TlsCertificateOptions[]> {
  const { cert: certs = [], key: keys = [], pfx: files = [] } = flags;
  if (certs.length !== keys.length) {
    throw new UsageError(
      "--cert and --key need each other: one --key for each --cert",
    );
  }
  const { passphraseFile } = flags;
  if (passphraseFile !== undefined && certs.length + files.length === 0) {
    throw new UsageError("--passphrase-file needs --key or --pfx");
  }
  const secret = passphraseFile === undefined
    ? {}
    : { passphrase: await firstLine(passphraseFile) };
  const pairs = certs.map(async (cert, i) => ({
    cert: await readPem("--cert", cert),
    key: await readPem("--key", keys[i] ?? ""),
    ...secret,
  }));
  const archives = files.map(async (path) => ({
    pfx: await readBytes("--pfx", path),
    ...secret,
  }));
  return await Promise.all([...pairs, ...archives]);
}

/** As options of a context. */
export function asOptions(
  certificates: readonly TlsCertificateOptions[],
): Pick<TlsContextOptions, keyof TlsCertificateOptions | "certificates"> {
  const [only, ...others] = certificates;
  return others.length > 0 ? { certificates } : only ?? {};
}

/** What flags say of trust beside `--ca`. */
export async function checksOf(
  { crl, partialChain }: CredentialFlags,
): Promise<Pick<TlsContextOptions, "crl" | "allowPartialChain">> {
  return {
    ...(crl && {
      crl: await Promise.all(crl.map(readCrl)),
    }),
    ...(partialChain && { allowPartialChain: true }),
  };
}

/** The text of a PEM file that an option names. */
export async function readPem(option: string, path: string): Promise<string> {
  const text = decoded(await readBytes(option, path));
  if (text.includes("-----BEGIN ")) return text;
  throw new UsageError(`Cannot read ${option} ${path}: it has no PEM`);
}

async function readCrl(path: string): Promise<string | Uint8Array> {
  const bytes = await readBytes("--crl", path);
  return bytes[0] === SEQUENCE ? bytes : decoded(bytes);
}

/** Text by its byte order mark, if it has one: some shells write UTF-16. */
function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe
    ? "utf-16le"
    : first === 0xfe && second === 0xff
    ? "utf-16be"
    : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

async function firstLine(path: string): Promise<string> {
  const text = decoded(await readBytes("--passphrase-file", path));
  return text.split(/\r?\n/, 1)[0] ?? "";
}

async function readBytes(
  option: string,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw unusable(`read ${option} ${path}`, error);
  }
}
