import { checkBoolean } from "../../internal/option_checks.ts";
import { optionError, optionTypeError } from "../../internal/option_error.ts";
import { NO_OPTIONS } from "../../internal/own_options.ts";
import { received } from "../../internal/received.ts";
import type { TlsEngineOptions } from "../../tls/engine/engine_setup.ts";
import type { TlsPairConnectOptions } from "./connect_options.ts";
import { PairContexts } from "./contexts.ts";
import type { PairSetup } from "./parts.ts";
import type { TlsPairOptions, TlsSandbox } from "./types.ts";

/** The names of the options of a pair. */
export const OPTION_NAMES: Readonly<Record<keyof TlsPairOptions, true>> = {
  client: true,
  clock: true,
  network: true,
  redact: true,
  sandbox: true,
  seed: true,
  server: true,
};

/**
 * The sandbox of a pair, and the contexts, which the pair closes.
 *
 * @param newSandbox Creates a sandbox unless the options have one.
 */
export function setupOf(
  options: TlsPairOptions,
  newSandbox: () => TlsSandbox,
): PairSetup {
  for (const name of ["client", "server", "network", "sandbox"] as const) {
    const value: unknown = options[name];
    if (value === undefined || (typeof value === "object" && value)) continue;
    throw optionTypeError(
      name,
      `must be an object, received ${received(value)}`,
    );
  }
  const { network, redact, sandbox: given } = options;
  if (given !== undefined) checkAlone(options);
  const sandbox = given ?? newSandbox();
  const contexts = new PairContexts(options, sandbox);
  return { sandbox, contexts, network, redact };
}

/** Whether the clock of a pair of sockets only moves by `advance`. */
export function isManualClock(autoAdvance: boolean | undefined): boolean {
  checkBoolean(autoAdvance, "autoAdvance");
  return autoAdvance === false;
}

/** The options of the first connection. */
export function connectOptionsOf(
  { client = NO_OPTIONS }: TlsPairOptions,
): TlsPairConnectOptions {
  const { hostname, session, earlyData } = client;
  return { hostname, session, earlyData };
}

/** The options of a client's engine or socket. */
export function clientOptions(
  { hostname = "localhost", session, earlyData }: TlsPairConnectOptions,
): TlsEngineOptions {
  return {
    role: "client",
    hostname,
    ...(session !== undefined && { session }),
    ...(earlyData !== undefined && { earlyData: bytesOf(earlyData) }),
  };
}

/** Data as bytes; a string is encoded as UTF-8. */
export function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}

/** A sandbox has its own seed and clock. */
function checkAlone(options: TlsPairOptions): void {
  for (const name of ["seed", "clock"] as const) {
    if (options[name] === undefined) continue;
    throw optionError(
      name,
      (nameOf) =>
        `${nameOf([name])} can't be used with ${
          nameOf(["sandbox"])
        }, which has its own`,
      (message) => new TypeError(message),
    );
  }
}
