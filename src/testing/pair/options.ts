import { NO_OPTIONS } from "../../internal/own_options.ts";
import type {
  TlsContext,
  TlsContextOptions,
} from "../../tls/context/context.ts";
import type { TlsEngineOptions } from "../../tls/engine/engine_setup.ts";
import type { TlsSession } from "../../tls/sessions/session.ts";
import { PairContexts } from "./contexts.ts";
import type { PairSetup } from "./parts.ts";
import { sandboxOf } from "./sandbox.ts";
import type { VirtualClock } from "../clock.ts";
import type { Seed } from "../entropy.ts";
import type { NetworkOptions } from "../network.ts";
import type { TlsSandbox } from "../sandbox.ts";

/** Whom a pair's client asks for, and what it proposes. */
export interface TlsPairVisit {
  /** The host name or IP address that it asks for and verifies. By default `"localhost"`. */
  hostname?: string | undefined;
  /** A session to resume. */
  session?: TlsSession | undefined;
  /** Data to send with the hello, if the session allows it; text as UTF-8. */
  earlyData?: Uint8Array | string | undefined;
}

/**
 * Options of a pair's server: those of a context, or a context.
 *
 * What has the time from elsewhere needs the sandbox's: a store in `sessions` its
 * `clock.now`, as in `new MemorySessionStore({ now: sandbox.clock.now })`. By the system's
 * clock it would keep sessions for years, or none.
 */
export interface TlsPairServerOptions extends TlsContextOptions {
  /**
   * The configuration, in place of options of its own. It stays the caller's. Make it with
   * `openssl: sandbox.client` or `sandbox.server`: the default instance goes by the system's
   * clock, by which the sandbox's certificates are not yet valid, so it is refused where the
   * two are 90 days apart. With `keyLog: sandbox.keyLog` traces have its key log.
   */
  context?: TlsContext | undefined;
}

/** Options of a pair's client: those of a context, or a context, and of one connection. */
export interface TlsPairClientOptions
  extends TlsPairServerOptions, TlsPairVisit {}

/** Options of {@linkcode createTlsPair}. */
export interface TlsPairOptions {
  /** The client. By default it runs in the sandbox's `client` and trusts its PKI's root. */
  client?: TlsPairClientOptions | undefined;
  /**
   * The server. By default it runs in the sandbox's `server`, with the PKI's certificate
   * `server`, and trusts its root for clients, which have a certificate only if given. A
   * store needs the sandbox's clock: see {@linkcode TlsPairServerOptions}.
   */
  server?: TlsPairServerOptions | undefined;
  /** How the network between them behaves. By default it carries everything at once. */
  network?: NetworkOptions | undefined;
  /** What all that looks random is made from. By default a random one. */
  seed?: Seed | undefined;
  /**
   * The time of both. By default a clock of the pair's own. One that
   * {@linkcode VirtualClock.following | follows} `Date.now` is moved by `FakeTime` too.
   */
  clock?: VirtualClock | undefined;
  /**
   * Where instances, clock and certificates come from. By default one of the pair's own.
   * Stores that the pair is given need its clock: `now: sandbox.clock.now`.
   */
  sandbox?: TlsSandbox | undefined;
  /** Whether the trace shows no secrets. By default true. */
  redact?: boolean | undefined;
}

/** Options of {@linkcode TlsPair.reconnect}. */
export interface TlsReconnectOptions extends Omit<TlsPairVisit, "session"> {
  /**
   * What to resume; `null` for nothing. By default the newest session that the client was
   * given, or the one that it resumed, if there is either.
   */
  session?: TlsSession | null | undefined;
  /** How the new network behaves. By default it carries everything at once. */
  network?: NetworkOptions | undefined;
}

/** Options of {@linkcode createTlsSocketPair}. */
export interface TlsSocketPairOptions extends TlsPairOptions {
  /**
   * Whether the clock moves by itself to when bytes arrive that an end can take. With
   * `false` they are under way until {@linkcode TlsSocketPair.advance}. By default true.
   */
  autoAdvance?: boolean | undefined;
  /**
   * How long the handshake may take, in milliseconds of a real timer, as that of any socket:
   * `FakeTime` of `@std/testing` moves it. By default 10 000.
   */
  handshakeTimeout?: number | undefined;
}

/** The names of all options. */
export const OPTION_NAMES: Readonly<Record<keyof TlsPairOptions, true>> = {
  client: true,
  clock: true,
  network: true,
  redact: true,
  sandbox: true,
  seed: true,
  server: true,
};

/** What a pair is made of, with contexts that are to be disposed. */
export function setupOf(options: TlsPairOptions): PairSetup {
  for (const name of ["client", "server", "network", "sandbox"] as const) {
    const value: unknown = options[name];
    if (value === undefined || (typeof value === "object" && value)) continue;
    throw new TypeError(
      `options.${name} must be an object, received ${
        value === null ? null : typeof value
      }`,
    );
  }
  const { network, redact } = options;
  const sandbox = sandboxOf(options);
  const contexts = new PairContexts(options, sandbox);
  return { sandbox, contexts, network, redact };
}

/** Whether the clock waits to be moved. */
export function isManualOf(
  { autoAdvance = true }: Pick<TlsSocketPairOptions, "autoAdvance">,
): boolean {
  if (typeof autoAdvance === "boolean") return !autoAdvance;
  throw new TypeError(
    `options.autoAdvance must be a boolean, received ${typeof autoAdvance}`,
  );
}

/** What the first connection is to be. */
export function visitOf({ client = NO_OPTIONS }: TlsPairOptions): TlsPairVisit {
  const { hostname, session, earlyData } = client;
  return { hostname, session, earlyData };
}

/** What a client's engine or socket is told of a visit. */
export function clientOptions(
  { hostname = "localhost", session, earlyData }: TlsPairVisit,
): TlsEngineOptions {
  return {
    role: "client",
    hostname,
    ...(session !== undefined && { session }),
    ...(earlyData !== undefined && { earlyData: bytesOf(earlyData) }),
  };
}

/** Data as bytes. */
export function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}
