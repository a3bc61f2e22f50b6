import { received } from "./received.ts";
import type { SessionStore } from "../stores/session_store.ts";

const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;
const MAX_PORT = 65_535;
const MAX_TIMEOUT = 0x7fff_ffff;

/** A limit on a handshake, in milliseconds, or the default. */
export function checkedTimeout(ms: number = DEFAULT_HANDSHAKE_TIMEOUT): number {
  return checkedWhole(ms, "handshakeTimeout");
}

/** The option `name`, if it is a whole number above 0 that a timer can take. */
export function checkedWhole(value: number, name: string): number {
  if (!Number.isInteger(value) || value < 1 || value > MAX_TIMEOUT) {
    throw new RangeError(
      `options.${name} must be a whole number from 1 to ${MAX_TIMEOUT}, received ${
        received(value)
      }`,
    );
  }
  return value;
}

/** The option `port`, if it is one. */
export function checkedPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= MAX_PORT) return port;
  throw new RangeError(
    `options.port must be a whole number from 0 to ${MAX_PORT}, received ${
      received(port)
    }`,
  );
}

/** Throws a `TypeError` unless `signal` is one, or missing. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(
    `options.signal must be an AbortSignal, received ${typeof signal}`,
  );
}

/** Throws a `TypeError` unless `listener` is a function, or missing. */
export function checkFunction(listener: unknown, name: string): void {
  if (listener === undefined || typeof listener === "function") return;
  throw new TypeError(
    `options.${name} must be a function, received ${typeof listener}`,
  );
}

/** Throws a `TypeError` unless `value` is a boolean, or missing. */
export function checkBoolean(value: unknown, name: string): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new TypeError(
    `options.${name} must be a boolean, received ${typeof value}`,
  );
}

/** Throws a `TypeError` unless `sessions` has what every store has, or is missing. */
export function checkStore(sessions: SessionStore | undefined): void {
  if (sessions === undefined) return;
  for (const method of ["get", "set", "delete"] as const) {
    if (typeof sessions?.[method] !== "function") {
      throw new TypeError(
        `options.sessions must be a SessionStore: it has no method ${method}`,
      );
    }
  }
  // It has the methods, and would keep sessions for ever.
  if (sessions instanceof Map) {
    throw new TypeError(
      "options.sessions must be a SessionStore, received a Map: MemorySessionStore keeps sessions in memory",
    );
  }
}
