import {
  rootCertificates,
  type SessionStore,
  TlsContext,
  TlsSession,
} from "../../../mod.ts";
import { startTlsPorts, type StartTlsProtocol } from "../../audit/mod.ts";
import {
  certificateOptions,
  readCertificates,
  readPem,
  readTrustOptions,
} from "../credentials.ts";
import { contentOf } from "../files.ts";
import { messageOf, printable } from "../format.ts";
import { canonicalHost, type HostAndPort } from "../host_and_port.ts";
import { KeyLog } from "../key_log.ts";
import { openStore } from "../open_store.ts";
import { asUsageError } from "../option_errors.ts";
import { findSession, readInput } from "../session/session_file.ts";
import { UsageError } from "../usage_error.ts";
import { type Exchange, httpRequest } from "./exchange.ts";
import type { ConnectFlags } from "./flags.ts";
import { parseTarget } from "../target.ts";

/** The settings of all connections of a `connect` command. Its files are read. */
export interface ConnectSettings extends AsyncDisposable {
  readonly target: HostAndPort;
  /** The name to request and verify. */
  readonly servername: string;
  readonly context: TlsContext;
  /** The protocol in which the server is asked for TLS first. */
  readonly starttls: StartTlsProtocol | undefined;
  /** In milliseconds. */
  readonly timeout: number;
  readonly session: TlsSession | undefined;
  readonly store: SessionStore | undefined;
  readonly earlyData: Uint8Array | undefined;
  readonly exchange: Exchange | undefined;
}

/**
 * Reads the files that the flags name, and opens the store.
 *
 * @throws {UsageError} If flags exclude each other or have an invalid value.
 */
export async function readConnectSettings(
  text: string,
  flags: ConnectFlags,
): Promise<ConnectSettings> {
  const { starttls } = flags;
  const target = parseTarget(text, starttls && startTlsPorts[starttls]);
  checkCombination(flags);
  const servername = flags.servername ?? target.hostname;
  const session = flags.sessionIn === undefined
    ? undefined
    : await readSession(flags.sessionIn);
  const earlyData = await contentOf("--early-data", flags.earlyData);
  const exchange = await exchangeOf(flags, { ...target, hostname: servername });
  const keyLog = openKeyLog(flags);
  const context = await createContext(flags, keyLog);
  const { encryptKeyFile, store: spec = "memory" } = flags;
  // A new store in memory can't hold a session of the server.
  const opened = spec === "memory" ? undefined : await openStore(spec, {
    ...(encryptKeyFile !== undefined && { encryptKeyFile }),
    onRejected: ({ message }) =>
      console.error(`Warning: ${printable(message)}`),
  });
  return {
    target,
    servername,
    context,
    starttls,
    timeout: flags.timeout,
    session,
    store: opened?.store,
    earlyData,
    exchange,
    async [Symbol.asyncDispose](): Promise<void> {
      context.close();
      keyLog?.close();
      await opened?.close();
    },
  };
}

function checkCombination(flags: ConnectFlags): void {
  const { sessionIn, store = "memory", resume } = flags;
  const sends = ["http", "send", "stdin"] as const;
  if (sends.filter((name) => flags[name] !== undefined).length > 1) {
    throw new UsageError("--http, --send and --stdin exclude each other");
  }
  if (flags.stdin && resume > 0) {
    throw new UsageError(
      "--stdin and --resume exclude each other: standard input can be sent only once",
    );
  }
  if (sessionIn !== undefined && store !== "memory") {
    throw new UsageError(
      "--session-in and --store (or SESAME_STORE) exclude each other",
    );
  }
  if (
    flags.earlyData !== undefined && resume === 0 && sessionIn === undefined &&
    store === "memory"
  ) {
    throw new UsageError(
      "--early-data needs a session: --session-in, --store or --resume",
    );
  }
}

async function createContext(
  flags: ConnectFlags,
  keyLog: KeyLog | undefined,
): Promise<TlsContext> {
  const { alpn = flags.http === undefined ? undefined : ["http/1.1"] } = flags;
  const { minVersion, maxVersion, config, allowCommonName } = flags;
  const { postHandshakeAuth, maxCertList } = flags;
  const certificates = await readCertificates(flags);
  const trust = await readTrustOptions(flags);
  const caCerts = flags.ca === undefined
    ? rootCertificates()
    : await Promise.all(flags.ca.map((path) => readPem("--ca", path)));
  try {
    return new TlsContext({
      caCerts,
      ...certificateOptions(certificates),
      ...trust,
      ...(allowCommonName && { allowCommonName }),
      ...(postHandshakeAuth && { postHandshakeAuth }),
      ...(maxCertList !== undefined && { maxCertList }),
      ...(alpn && { alpnProtocols: alpn }),
      ...(minVersion && { minVersion }),
      ...(maxVersion && { maxVersion }),
      ...(config && { configure: config }),
      ...(keyLog && { keyLog: (line) => keyLog.write(line) }),
    });
  } catch (error) {
    throw asUsageError(error);
  }
}

function openKeyLog({ keylog }: ConnectFlags): KeyLog | undefined {
  if (keylog === undefined) return undefined;
  let hasWarned = false;
  return new KeyLog(keylog, (error) => {
    if (!hasWarned) console.error(`Warning: key log: ${messageOf(error)}`);
    hasWarned = true;
  });
}

async function exchangeOf(
  { http, send, stdin }: ConnectFlags,
  { hostname, port }: HostAndPort,
): Promise<Exchange | undefined> {
  if (http !== undefined) {
    const host = { hostname: canonicalHost(hostname) ?? hostname, port };
    return { kind: "request", data: httpRequest(http, host) };
  }
  const data = await contentOf("--send", send);
  if (data !== undefined) return { kind: "all", data };
  return stdin ? { kind: "stdin" } : undefined;
}

async function readSession(path: string): Promise<TlsSession> {
  const found = findSession(await readInput(path));
  if (found === undefined) {
    throw new UsageError(
      `--session-in ${path} holds no TLS session in PEM or DER`,
    );
  }
  return TlsSession.fromBytes(found.der);
}
