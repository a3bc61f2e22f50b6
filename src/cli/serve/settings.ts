import type {
  SessionStore,
  TlsContextOptions,
  TlsContextUpdate,
} from "../../../mod.ts";
import { certificateOptions, readCertificates } from "../credentials.ts";
import { canonicalHost, type HostAndPort } from "../host_and_port.ts";
import { UsageError } from "../usage_error.ts";
import { type Certificate, readCertificate } from "./certificate.ts";
import {
  type PlainContextOptions,
  protocolOptions,
  readClientTrust,
  readSessionIdKey,
  readSessionOptions,
} from "./context_options.ts";
import { checkCombination } from "./flag_checks.ts";
import type { ServeFlags } from "./flags.ts";
import { type TagKind, tagOption } from "./tag.ts";

/** What the server does with the data of clients. */
export type Service =
  | { readonly kind: "http" | "echo" }
  | {
    readonly kind: "forward";
    readonly to: HostAndPort;
    /** In milliseconds. */
    readonly connectTimeout: number;
  };

/** The settings of a server. They can be sent to workers. Times are in milliseconds. */
export interface ServerSettings {
  readonly service: Service;
  readonly host: string;
  readonly port: number;
  /** The limit for one worker. */
  readonly maxConnections: number;
  readonly handshakeTimeout: number;
  readonly idleTimeout: number;
  readonly context: PlainContextOptions;
  /** Whether to request or require a certificate after the handshake. */
  readonly postHandshakeAuth: "request" | "require" | undefined;
  readonly tag: TagKind | undefined;
  /** The path of the key log. */
  readonly keylog: string | undefined;
  /** Whether to print a line for each connection. */
  readonly log: boolean;
  readonly store: {
    readonly spec: string;
    readonly encryptKeyFile: string | undefined;
  };
  readonly workers: number;
}

/**
 * Reads the files that the flags name.
 *
 * @throws {UsageError} If flags exclude each other or have an invalid value.
 */
export async function readSettings(flags: ServeFlags): Promise<{
  settings: ServerSettings;
  certificate: Certificate;
}> {
  checkCombination(flags);
  const certificate = await readCertificate(flags);
  const { clientAuth, maxConnections = Infinity, workers } = flags;
  const settings: ServerSettings = {
    service: serviceOf(flags),
    host: hostOf(flags),
    port: flags.port,
    // Rounded down, so that the sum doesn't exceed the limit.
    maxConnections: Math.floor(maxConnections / workers),
    handshakeTimeout: flags.handshakeTimeout,
    idleTimeout: flags.idleTimeout,
    context: {
      ...certificateOptions(certificate.certificates),
      ...await readClientTrust(flags),
      ...protocolOptions(flags),
      ...await readSessionOptions(flags),
    },
    postHandshakeAuth: flags.postHandshakeAuth && clientAuth !== "none"
      ? clientAuth
      : undefined,
    tag: flags.tag,
    keylog: flags.keylog,
    log: flags.log ?? false,
    store: { spec: flags.store, encryptKeyFile: flags.encryptKeyFile },
    workers,
  };
  return { settings, certificate };
}

/** Reads the files that SIGHUP reloads. A self-signed certificate is kept. */
export async function readUpdate(flags: ServeFlags): Promise<TlsContextUpdate> {
  const { clientAuth, caCerts, crl, allowPartialChain } = await readClientTrust(
    flags,
  );
  return {
    ...certificateOptions(await readCertificates(flags)),
    ...(clientAuth && { clientAuth }),
    ...(caCerts && { caCerts }),
    ...(crl && { crl }),
    ...(allowPartialChain && { allowPartialChain }),
    ...await readSessionIdKey(flags),
  };
}

/** The settings with updated options of the context. */
export function withUpdate(
  settings: ServerSettings,
  update: TlsContextUpdate,
): ServerSettings {
  return { ...settings, context: { ...settings.context, ...update } };
}

/** All options of the context, with those that can't be sent to workers. */
export function contextOptions(
  { context, tag }: ServerSettings,
  sessions: SessionStore,
): TlsContextOptions {
  if (context.tickets !== "stateful") return context;
  return { ...context, ...(tag && { tag: tagOption(tag) }), sessions };
}

function hostOf({ host }: ServeFlags): string {
  const canonical = canonicalHost(host);
  if (canonical !== undefined) return canonical;
  throw new UsageError(
    `--host must be a host name or IP address, received ${
      JSON.stringify(host)
    }`,
  );
}

function serviceOf({ echo, forward, connectTimeout }: ServeFlags): Service {
  if (forward) return { kind: "forward", to: forward, connectTimeout };
  return { kind: echo ? "echo" : "http" };
}
