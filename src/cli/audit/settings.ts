import { type AuditServerOptions, startTlsPorts } from "../../audit/mod.ts";
import { readPassphrase, readPem } from "../credentials.ts";
import { contentOf } from "../files.ts";
import { formatHostAndPort } from "../host_and_port.ts";
import { parseTarget } from "../target.ts";
import { UsageError } from "../usage_error.ts";
import type { AuditFlags } from "./flags.ts";
import { changesByOperator } from "./pause.ts";

/** The most names, and the most client certificates. */
const MOST = 2;

/** A server to audit. */
export interface AuditTarget {
  /** What it is called in reports, such as `"example.com:443"`. */
  readonly server: string;
  readonly options: AuditServerOptions;
}

/**
 * Reads the files that the flags name.
 *
 * @param signal Ends the audits.
 * @throws {UsageError} If flags exclude each other or have an invalid value.
 */
export async function readAuditTargets(
  texts: readonly string[],
  flags: AuditFlags,
  signal: AbortSignal,
): Promise<AuditTarget[]> {
  checkCombination(texts, flags);
  const { node, starttls, pause, alpn, probes, samples } = flags;
  const { timeout, maxTime: maxDuration } = flags;
  const { concurrency } = flags;
  const { name: names } = flags;
  const request = await contentOf("--request", flags.request);
  const [first, second] = await readCertificates(flags);
  const port = starttls && startTlsPorts[starttls];
  return texts.map((text) => {
    const target = parseTarget(text, port);
    const server = formatHostAndPort(target);
    const nodes = node?.map((address) =>
      formatHostAndPort(parseTarget(address, target.port))
    );
    return {
      server,
      options: {
        ...target,
        timeout,
        maxDuration,
        signal,
        ...first,
        ...(second && { otherCert: second.cert, otherKey: second.key }),
        ...(names && { names }),
        ...(nodes && { nodes }),
        ...(starttls && { starttls }),
        ...(alpn && { alpnProtocols: alpn }),
        ...(request && { request }),
        ...(probes && { probes }),
        ...(samples !== undefined && { samples }),
        ...(concurrency !== undefined && { concurrency }),
        ...(pause && { change: changesByOperator(server, signal) }),
      },
    };
  });
}

function checkCombination(
  texts: readonly string[],
  { node, name = [], cert = [], key = [], pause }: AuditFlags,
): void {
  if (texts.length === 0) {
    throw new UsageError("audit needs a server: HOST or HOST:PORT");
  }
  if (texts.length > 1 && (node || pause)) {
    throw new UsageError(
      `${node ? "--node" : "--pause"} is for one server: audit each by itself`,
    );
  }
  if (name.length > MOST) {
    throw new UsageError("--name can't be given more than twice");
  }
  if (cert.length > MOST) {
    throw new UsageError("--cert can't be given more than twice");
  }
  if (cert.length !== key.length) {
    throw new UsageError(
      "--cert and --key need each other: one --key for each --cert",
    );
  }
}

async function readCertificates(
  { cert = [], key = [], passphraseFile }: AuditFlags,
): Promise<{ cert: string; key: string; passphrase?: string }[]> {
  if (passphraseFile !== undefined && cert.length === 0) {
    throw new UsageError("--passphrase-file needs --key");
  }
  const passphrase = passphraseFile === undefined
    ? {}
    : { passphrase: await readPassphrase(passphraseFile) };
  return await Promise.all(cert.map(async (path, i) => ({
    cert: await readPem("--cert", path),
    key: await readPem("--key", key[i] ?? ""),
    ...passphrase,
  })));
}
