import type { TlsContextOptions, TlsVersion } from "../../../mod.ts";
import { readPem, readTrustOptions } from "../credentials.ts";
import { readKeys } from "../store/key_file.ts";
import { UsageError } from "../usage_error.ts";
import type { ServeFlags } from "./flags.ts";

const TICKET_KEY_BYTES = 80;

/** The options of a context that can be sent to workers: no functions, no objects of a thread. */
export type PlainContextOptions = Omit<
  TlsContextOptions,
  | "contextFor"
  | "keyLog"
  | "onStoreError"
  | "openssl"
  | "revalidate"
  | "sessions"
  | "tag"
>;

/** Reads the options for client certificates. */
export async function readClientTrust(
  flags: ServeFlags,
): Promise<PlainContextOptions> {
  const { clientAuth, postHandshakeAuth, ca, caNames, maxCertList } = flags;
  return {
    ...(postHandshakeAuth
      ? { clientAuth: "none", postHandshakeAuth }
      : { clientAuth }),
    ...(maxCertList !== undefined && { maxCertList }),
    ...(ca && {
      caCerts: await Promise.all(ca.map((path) => readPem("--ca", path))),
      ...(!caNames && { sendCaNames: false }),
      ...await readTrustOptions(flags),
    }),
  };
}

/** The options for versions, protocols and `--config`. */
export function protocolOptions(flags: ServeFlags): PlainContextOptions {
  const { alpn, minVersion, maxVersion, numTickets, config = [] } = flags;
  if (minorOf(minVersion) > minorOf(maxVersion)) {
    throw new UsageError(
      `--min-version ${minVersion} is above --max-version ${maxVersion}`,
    );
  }
  const configure: [string, string][] = [...config];
  if (numTickets !== undefined) {
    configure.push(["NumTickets", String(numTickets)]);
  }
  return {
    minVersion,
    maxVersion,
    dhparam: flags.dhparam,
    configure,
    ...(alpn && { alpnProtocols: alpn }),
  };
}

/** Reads the options for sessions. */
export async function readSessionOptions(
  flags: ServeFlags,
): Promise<PlainContextOptions> {
  const { tickets, workers } = flags;
  return {
    tickets,
    sessionTimeout: flags.sessionTimeout,
    maxSessionAge: flags.maxSessionAge,
    singleUse: flags.singleUse ?? false,
    maxEarlyData: flags.maxEarlyData,
    commit: flags.commit,
    lookupTimeout: flags.lookupTimeout,
    writeTimeout: flags.writeTimeout,
    ...await readSessionIdKey(flags),
    // Shared, as each worker would generate its own keys.
    ...(tickets === "stateless" && workers > 1 && {
      ticketKeys: [crypto.getRandomValues(new Uint8Array(TICKET_KEY_BYTES))],
    }),
  };
}

/** Reads the keys of `--session-id-key-file`. */
export async function readSessionIdKey(
  { sessionIdKeyFile: path }: ServeFlags,
): Promise<Pick<PlainContextOptions, "sessionIdKey">> {
  return path === undefined
    ? {}
    : { sessionIdKey: await readKeys("--session-id-key-file", path) };
}

function minorOf(version: TlsVersion): number {
  return version === "TLSv1" ? 0 : Number(version.slice(-1));
}
