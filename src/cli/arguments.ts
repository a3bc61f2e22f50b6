/**
 * Parsers of option values, for commander.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import type { TlsVersion } from "../../mod.ts";
import { type HostAndPort, parseHostAndPort } from "./host_and_port.ts";

const MAX_PORT = 65_535;
const MAX_COUNT = 2 ** 31 - 1;
const MAX_TICKETS = 100;
/** Each has an OpenSSL and a JavaScript heap of its own: some 30 MB. */
const MAX_WORKERS = 256;
/** The longest delay of a timer, about 24 days. */
const MAX_SECONDS = 2_147_483;

/** A port; 0 stands for any free port. */
export function port(text: string): number {
  return integer(text, 0, MAX_PORT, "It must be a port from 0 to 65535.");
}

/** `HOST:PORT`, with IPv6 addresses in brackets. */
export function hostAndPort(text: string): HostAndPort {
  const found = parseHostAndPort(text);
  if (found && found.port > 0) return found;
  throw new InvalidArgumentError(
    "It must be HOST:PORT, such as localhost:8080 or [::1]:8080.",
  );
}

/** `[HOST:]PORT`: the host is 127.0.0.1 by default, and the port 0 stands for any free one. */
export function portWithHost(text: string): HostAndPort {
  if (/^\d+$/.test(text)) return { hostname: "127.0.0.1", port: port(text) };
  return parseHostAndPort(text) ?? hostAndPort(text);
}

/** A whole number from 1. */
export function count(text: string): number {
  return integer(text, 1, MAX_COUNT, "It must be a whole number from 1.");
}

/** A whole number from 0. */
export function countOrZero(text: string): number {
  return integer(text, 0, MAX_COUNT, "It must be a whole number from 0.");
}

/** A number of session tickets. */
export function tickets(text: string): number {
  return integer(
    text,
    0,
    MAX_TICKETS,
    `It must be a whole number from 0 to ${MAX_TICKETS}.`,
  );
}

/** A number of threads. */
export function workers(text: string): number {
  return integer(
    text,
    1,
    MAX_WORKERS,
    `It must be a whole number from 1 to ${MAX_WORKERS}.`,
  );
}

/** Seconds above 0, such as `0.5`, as milliseconds. */
export function seconds(text: string): number {
  const ms = secondsOrZero(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError("It must be more than 0 seconds.");
}

/** Seconds from 0, as milliseconds. */
export function secondsOrZero(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value <= MAX_SECONDS) return Math.ceil(value * 1000);
  throw new InvalidArgumentError(
    `It must be a number of seconds, such as 10 or 0.5, and at most ${MAX_SECONDS}.`,
  );
}

/** A protocol version, such as `1.2` or `TLSv1.2`. */
export function version(text: string): TlsVersion {
  const [all, digits = "0"] = /^(?:tls\s*v?)?1(?:\.([0-3]))?$/i.exec(text) ??
    [];
  if (all === undefined) {
    throw new InvalidArgumentError("It must be 1.0, 1.1, 1.2 or 1.3.");
  }
  return digits === "0" ? "TLSv1" : `TLSv1.${digits as "1" | "2" | "3"}`;
}

/** Names separated by commas. */
export function names(text: string): string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.every((name) => name !== "")) return list;
  throw new InvalidArgumentError("It must be names separated by commas.");
}

/** `NAME=VALUE`, appended to the values given before. */
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

/** Any text, appended to the values given before: for options that can be repeated. */
export function repeated(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function integer(
  text: string,
  least: number,
  most: number,
  message: string,
): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(message);
}
