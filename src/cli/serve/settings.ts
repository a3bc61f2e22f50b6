import type { TlsContextOptions } from "../../tls/context/context.ts";
import type { TlsVersion } from "../../tls/context/context_options.ts";
import type { TlsContextUpdate } from "../../tls/context/context_update.ts";
import type { SessionStore } from "../../stores/session_store.ts";
import { canReusePort } from "../../tls/deno/listener.ts";
import { readEncryptionKeys } from "../store/key_file.ts";
import { parseHostName } from "../../tls/peer/host_name.ts";
import { reasonOf } from "../format.ts";
import { UsageError } from "../usage_error.ts";
import {
  asOptions,
  certificatesOf,
  checksOf,
  readPem,
} from "../credentials.ts";
import { type Certificate, certificateOf } from "./certificate.ts";
import type { ServeFlags } from "./flags.ts";
import type { HostAndPort } from "../host_and_port.ts";
import { type TagKind, tagOf } from "./tag.ts";

const TICKET_KEY_BYTES = 80;

/** What clients are answered with. */
export type Service =
  | { readonly kind: "http" | "echo" }
  | {
    readonly kind: "forward";
    readonly to: HostAndPort;
    /** In ms. */
    readonly connectTimeout: number;
  };

/** What a server needs to know, in a form that can be sent to workers; times are in ms. */
export interface ServerSettings {
  readonly service: Service;
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly handshakeTimeout: number;
  readonly idleTimeout: number;
  readonly context: PlainContextOptions;
  readonly tag: TagKind | undefined;
  /** The file for the key log. */
  readonly keylog: string | undefined;
  /** Whether each connection is told of in a line. */
  readonly log: boolean;
  readonly store: {
    readonly spec: string;
    readonly encryptKeyFile: string | undefined;
  };
  readonly workers: number;
}

/** What of a context's options is no function or object of this thread. */
export type PlainContextOptions = Omit<
  TlsContextOptions,
  "sessions" | "contextFor" | "keyLog" | "openssl" | "tag" | "onStoreError"
>;

/** What the flags ask for, with the files read that they name. */
export async function readSettings(flags: ServeFlags): Promise<{
  settings: ServerSettings;
  certificate: Certificate;
}> {
  checkTogether(flags);
  const certificate = await certificateOf(flags);
  const { workers } = flags;
  const settings: ServerSettings = {
    service: serviceOf(flags),
    host: hostOf(flags),
    port: flags.port,
    // By rounding up there would be more than allowed.
    maxConnections: Math.floor((flags.maxConnections ?? Infinity) / workers),
    handshakeTimeout: flags.handshakeTimeout,
    idleTimeout: flags.idleTimeout,
    context: {
      ...asOptions(certificate.certificates),
      ...await trustOf(flags),
      ...protocolOf(flags),
      ...await sessionsOf(flags),
    },
    tag: flags.tag,
    keylog: flags.keylog,
    log: flags.log ?? false,
    store: { spec: flags.store, encryptKeyFile: flags.encryptKeyFile },
    workers,
  };
  return { settings, certificate };
}

function hostOf({ host }: ServeFlags): string {
  try {
    return parseHostName(host, "--host").dialled;
  } catch (error) {
    throw new UsageError(reasonOf(error), { cause: error });
  }
}

/** What of the settings is read anew when files have been renewed: no throw-away certificate. */
export async function readUpdate(flags: ServeFlags): Promise<TlsContextUpdate> {
  const { sessionIdKeyFile } = flags;
  return {
    ...asOptions(await certificatesOf(flags)),
    ...await trustOf(flags),
    ...(sessionIdKeyFile !== undefined && {
      sessionIdKey: await readEncryptionKeys(sessionIdKeyFile),
    }),
  };
}

/** The settings with a context's options renewed. */
export function withUpdate(
  settings: ServerSettings,
  update: TlsContextUpdate,
): ServerSettings {
  return { ...settings, context: { ...settings.context, ...update } };
}

/** The options of a context in this thread. */
export function contextOptions(
  { context, tag }: ServerSettings,
  sessions: SessionStore,
): TlsContextOptions {
  if (context.tickets !== "stateful") return context;
  return { ...context, ...(tag && { tag: tagOf(tag) }), sessions };
}

function checkTogether(flags: ServeFlags): void {
  const { alpn, clientAuth, ca, workers, maxConnections = Infinity } = flags;
  if (workers > 1) checkWorkers(workers);
  if (maxConnections < workers) {
    throw new UsageError(
      `--max-connections ${maxConnections} doesn't go with --workers ${workers}: each takes one at least`,
    );
  }
  if (alpn?.includes("h2") && serviceOf(flags).kind === "http") {
    throw new UsageError(
      "--alpn h2 doesn't go with --http, which doesn't speak HTTP/2: leave h2 out, or --forward to a server that does",
    );
  }
  if (clientAuth === "none" && ca !== undefined) {
    throw new UsageError("--ca needs --client-auth request or require");
  }
  for (const flag of ["crl", "partialChain"] as const) {
    if (ca === undefined && flags[flag] !== undefined) {
      throw new UsageError(
        `--${flag === "crl" ? "crl" : "partial-chain"} needs --ca`,
      );
    }
  }
  if (clientAuth !== "none" && ca === undefined) {
    throw new UsageError(`--client-auth ${clientAuth} needs --ca`);
  }
  if (flags.tag === "subject" && clientAuth === "none") {
    throw new UsageError(
      "--tag subject needs --client-auth request or require",
    );
  }
  if (flags.tickets !== "stateful") checkStoreless(flags);
  if (flags.maxEarlyData > 0 && !flags.singleUse) {
    throw new UsageError(
      `--max-early-data ${flags.maxEarlyData} needs --single-use: what can be sent twice would be heard twice`,
    );
  }
}

/** What is about a store, without sessions in it. */
function checkStoreless({ tickets, ...flags }: ServeFlags): void {
  for (
    const [flag, isGiven] of Object.entries({
      "--store (or SESAME_STORE)": flags.store !== "memory",
      "--encrypt-key-file": flags.encryptKeyFile !== undefined,
      "--single-use": flags.singleUse === true,
      "--max-early-data": flags.maxEarlyData > 0,
      "--session-id-key-file": flags.sessionIdKeyFile !== undefined,
      "--tag": flags.tag !== undefined,
    })
  ) {
    if (isGiven) {
      throw new UsageError(`${flag} needs --tickets stateful, not ${tickets}`);
    }
  }
}

function checkWorkers(workers: number): void {
  if (Deno.build.os !== "linux") {
    throw new UsageError(
      `--workers ${workers} needs Linux, which spreads connections over listeners: this is ${Deno.build.os}`,
    );
  }
  // Without the flag, Deno ends the program when it is asked to share a port.
  if (!canReusePort()) {
    throw new UsageError(
      `--workers ${workers} needs a flag of deno's own, before the script: deno run -A --unstable-net ...`,
    );
  }
  checkWorkerModule();
}

/** Without the permission, Deno prints an error of its own from each worker. */
function checkWorkerModule(): void {
  const { protocol, pathname } = new URL("./worker.ts", import.meta.url);
  if (protocol !== "file:" || Deno.build.standalone) return;
  const path = decodeURIComponent(pathname);
  if (
    Deno.permissions.requestSync({ name: "read", path }).state === "granted"
  ) {
    return;
  }
  throw new Deno.errors.NotCapable(
    `Requires read access to "${path}", run again with the --allow-read flag`,
  );
}

function serviceOf(flags: ServeFlags): Service {
  const { echo, forward, connectTimeout } = flags;
  if (forward) return { kind: "forward", to: forward, connectTimeout };
  return { kind: echo ? "echo" : "http" };
}

async function trustOf(flags: ServeFlags): Promise<PlainContextOptions> {
  const { clientAuth, ca, caNames } = flags;
  if (ca === undefined) return { clientAuth };
  return {
    clientAuth,
    caCerts: await Promise.all(ca.map((path) => readPem("--ca", path))),
    ...(!caNames && { sendCaNames: false }),
    ...await checksOf(flags),
  };
}

function protocolOf(flags: ServeFlags): PlainContextOptions {
  const { alpn, minVersion, maxVersion, numTickets, config = [] } = flags;
  if (order(minVersion) > order(maxVersion)) {
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

function order(version: TlsVersion): number {
  return version === "TLSv1" ? 0 : Number(version.slice(-1));
}

async function sessionsOf(flags: ServeFlags): Promise<PlainContextOptions> {
  const { tickets, sessionIdKeyFile, workers } = flags;
  return {
    tickets,
    sessionTimeout: flags.sessionTimeout,
    maxSessionAge: flags.maxSessionAge,
    singleUse: flags.singleUse ?? false,
    maxEarlyData: flags.maxEarlyData,
    commit: flags.commit,
    lookupTimeout: flags.lookupTimeout,
    writeTimeout: flags.writeTimeout,
    ...(sessionIdKeyFile !== undefined && {
      sessionIdKey: await readEncryptionKeys(sessionIdKeyFile),
    }),
    // Otherwise each worker would have keys of its own.
    ...(tickets === "stateless" && workers > 1 && {
      ticketKeys: [crypto.getRandomValues(new Uint8Array(TICKET_KEY_BYTES))],
    }),
  };
}
