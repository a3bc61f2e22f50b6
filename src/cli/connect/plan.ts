import type { SessionStore } from "../../stores/session_store.ts";
import { TlsContext } from "../../tls/context/context.ts";
import { rootCertificates } from "../../tls/context/root_certificates.ts";
import { TlsSession } from "../../tls/sessions/session.ts";
import {
  asOptions,
  certificatesOf,
  checksOf,
  readPem,
} from "../credentials.ts";
import { openStore } from "../open_store.ts";
import { printable, reasonOf } from "../format.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { inFlags } from "../in_flags.ts";
import { KeyLog } from "../key_log.ts";
import { unusable } from "../unusable.ts";
import { findSession, readInput } from "../session/session_file.ts";
import { UsageError } from "../usage_error.ts";
import { type Exchange, getRequest } from "./exchange.ts";
import type { ConnectFlags } from "./flags.ts";
import { hostNameOf, parseTarget } from "./target.ts";

/** All that is needed to connect: files are read, stores open. */
export interface Plan extends AsyncDisposable {
  readonly target: HostAndPort;
  /** The name to ask for and verify. */
  readonly servername: string;
  readonly context: TlsContext;
  /** Milliseconds. */
  readonly timeout: number;
  readonly session: TlsSession | undefined;
  readonly store: SessionStore | undefined;
  readonly earlyData: Uint8Array | undefined;
  readonly exchange: Exchange | undefined;
}

/**
 * Gets everything ready.
 *
 * @throws {UsageError} If options don't go together, or say what can't be done.
 */
export async function makePlan(
  text: string,
  flags: ConnectFlags,
): Promise<Plan> {
  const target = parseTarget(text);
  checkTogether(flags);
  const session = flags.sessionIn === undefined
    ? undefined
    : await readSession(flags.sessionIn);
  const earlyData = await contentOf("--early-data", flags.earlyData);
  const exchange = await exchangeOf(target, flags);
  const keyLog = keyLogOf(flags);
  const context = await contextOf(flags, keyLog);
  const { encryptKeyFile, store: spec = "memory" } = flags;
  // A new store in memory can't have a session of this server's.
  const opened = spec === "memory" ? undefined : await openStore(spec, {
    ...(encryptKeyFile !== undefined && { encryptKeyFile }),
    onRejected: ({ message }) =>
      console.error(`Warning: ${printable(message)}`),
  });
  return {
    target,
    servername: flags.servername === undefined
      ? target.hostname
      : hostNameOf(flags.servername, "--servername").name,
    context,
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

function checkTogether(flags: ConnectFlags): void {
  const { sessionIn, store = "memory", servername, resume } = flags;
  const sends = ["http", "send", "stdin"] as const;
  if (sends.filter((name) => flags[name] !== undefined).length > 1) {
    throw new UsageError("only one of --http, --send and --stdin can be sent");
  }
  if (flags.stdin && resume > 0) {
    throw new UsageError(
      "--stdin can't be sent again: it goes without --resume",
    );
  }
  if (servername !== undefined && store !== "memory") {
    throw new UsageError(
      "--store (or SESAME_STORE) keeps sessions by HOST: it goes without --servername",
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

async function contextOf(
  flags: ConnectFlags,
  keyLog: KeyLog | undefined,
): Promise<TlsContext> {
  const { alpn = flags.http === undefined ? undefined : ["http/1.1"] } = flags;
  const { minVersion, maxVersion, config, allowCommonName } = flags;
  const certificates = await certificatesOf(flags);
  const checks = await checksOf(flags);
  const caCerts = flags.ca === undefined
    ? rootCertificates()
    : await Promise.all(flags.ca.map((path) => readPem("--ca", path)));
  try {
    return new TlsContext({
      caCerts,
      ...asOptions(certificates),
      ...checks,
      ...(allowCommonName && { allowCommonName }),
      ...(alpn && { alpnProtocols: alpn }),
      ...(minVersion && { minVersion }),
      ...(maxVersion && { maxVersion }),
      ...(config && { configure: config }),
      ...(keyLog && { keyLog: (line) => keyLog.write(line) }),
    });
  } catch (error) {
    throw new UsageError(inFlags(reasonOf(error)), { cause: error });
  }
}

function keyLogOf({ keylog }: ConnectFlags): KeyLog | undefined {
  if (keylog === undefined) return undefined;
  let isTold = false;
  return new KeyLog(keylog, (error) => {
    if (!isTold) console.error(`Warning: key log: ${reasonOf(error)}`);
    isTold = true;
  });
}

async function exchangeOf(
  { hostname, port }: HostAndPort,
  { http, send, stdin, servername }: ConnectFlags,
): Promise<Exchange | undefined> {
  if (http !== undefined) {
    const { name } = hostNameOf(servername ?? hostname, "--servername");
    const request = getRequest(http, name, port);
    return { kind: "request", data: request };
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

/** What an option says, or the file that it names with `@`. */
async function contentOf(
  option: string,
  value: string | undefined,
): Promise<Uint8Array | undefined> {
  if (value === undefined) return undefined;
  return value.startsWith("@")
    ? await reading(option, value.slice(1), (path) => Deno.readFile(path))
    : new TextEncoder().encode(value);
}

async function reading<T>(
  option: string,
  path: string,
  read: (path: string) => Promise<T>,
): Promise<T> {
  try {
    return await read(path);
  } catch (error) {
    throw unusable(`read ${option} ${path}`, error);
  }
}
