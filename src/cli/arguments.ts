import { InvalidArgumentError } from "commander";
import type { TlsVersion } from "../tls/context/context_options.ts";
import { type HostAndPort, parseHostAndPort } from "./host_and_port.ts";

const MAX_PORT = 65_535;
/** As long as a timer can be: some 24 days. */
const MAX_SECONDS = 2_147_483;

/** Reads a port; 0 stands for any. */
export function port(text: string): number {
  return whole(text, 0, MAX_PORT, "It must be a port, from 0 to 65535.");
}

/** Reads `HOST:PORT`, with IPv6 addresses in brackets. */
export function hostAndPort(text: string): HostAndPort {
  const found = parseHostAndPort(text);
  if (found && found.port > 0) return found;
  throw new InvalidArgumentError(
    "It must be HOST:PORT, such as localhost:8080 or [::1]:8080.",
  );
}

/** Reads `[HOST:]PORT`: this machine alone unless there is a host, any port for 0. */
export function portWithHost(text: string): HostAndPort {
  if (/^\d+$/.test(text)) return { hostname: "127.0.0.1", port: port(text) };
  return parseHostAndPort(text) ?? hostAndPort(text);
}

/** Reads a number from 1. */
export function count(text: string): number {
  return whole(text, 1, 2 ** 31 - 1, "It must be a whole number from 1.");
}

/** Reads a number of tickets. */
export function tickets(text: string): number {
  return whole(text, 0, 100, "It must be a whole number from 0 to 100.");
}

/** Reads a number from 0. */
export function countOrNone(text: string): number {
  return whole(text, 0, 2 ** 31 - 1, "It must be a whole number from 0.");
}

/** Reads seconds, such as `0.5`: in ms. */
export function seconds(text: string): number {
  const ms = secondsOrNone(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError("It must be more than 0 seconds.");
}

/** Reads seconds, where 0 has a meaning: in ms. */
export function secondsOrNone(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value <= MAX_SECONDS) return Math.ceil(value * 1000);
  throw new InvalidArgumentError(
    `It must be seconds, such as 10 or 0.5, at most ${MAX_SECONDS}.`,
  );
}

/** Reads a version of TLS as people write it. */
export function version(text: string): TlsVersion {
  const [all, digits = "0"] = /^(?:tls\s*v?)?1(?:\.([0-3]))?$/i.exec(text) ??
    [];
  if (all === undefined) {
    throw new InvalidArgumentError("It must be 1.0, 1.1, 1.2 or 1.3.");
  }
  return digits === "0" ? "TLSv1" : `TLSv1.${digits as "1" | "2" | "3"}`;
}

/** Reads names between commas. */
export function names(text: string): string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.every((name) => name !== "")) return list;
  throw new InvalidArgumentError("It must be names between commas.");
}

/** Reads a `NAME=VALUE`, after those before it. */
export function assignments(
  text: string,
  before: [string, string][] = [],
): [string, string][] {
  const at = text.indexOf("=");
  if (at > 0) return [...before, [text.slice(0, at), text.slice(at + 1)]];
  throw new InvalidArgumentError(
    "It must be NAME=VALUE, such as Groups=X25519.",
  );
}

/** Adds one more value of an option that may come several times. */
export function more(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function whole(
  text: string,
  least: number,
  most: number,
  complaint: string,
): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(complaint);
}
