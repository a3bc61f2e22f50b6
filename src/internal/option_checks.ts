import { NoBytes, viewOf } from "./byte_view.ts";
import {
  type OptionPath,
  optionRangeError,
  optionTypeError,
} from "./option_error.ts";
import { received } from "./received.ts";

const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;
const MAX_PORT = 65_535;
const MAX_INT32 = 0x7fff_ffff;

/** The limit of a handshake in milliseconds, or its default. */
export function checkedTimeout(ms: number = DEFAULT_HANDSHAKE_TIMEOUT): number {
  return checkedDuration(ms, "handshakeTimeout");
}

/** The option at `path`, if it is a number of milliseconds that a timer takes. */
export function checkedDuration(
  ms: number,
  path: OptionPath | string,
): number {
  return checkedInteger(ms, path, { min: 1, max: MAX_INT32 });
}

/** The option at `path`, if it is a whole number above 0 that fits 32 bits. */
export function checkedCount(value: number, path: OptionPath | string): number {
  return checkedInteger(value, path, { min: 1, max: MAX_INT32 });
}

/** The option `port`, if it is the number of a port. */
export function checkedPort(port: number): number {
  return checkedInteger(port, "port", { min: 0, max: MAX_PORT });
}

/**
 * The option at `path`, if it is a whole number in a range.
 *
 * @throws {TypeError} If `value` is not a number.
 * @throws {RangeError} If `value` is a fraction or outside the range.
 */
export function checkedInteger(
  value: unknown,
  path: OptionPath | string,
  { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number },
): number {
  if (typeof value !== "number") {
    throw optionTypeError(
      path,
      `must be a number, received ${received(value)}`,
    );
  }
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER
    ? `of at least ${min}`
    : `from ${min} to ${max}`;
  throw optionRangeError(
    path,
    `must be a whole number ${range}, received ${received(value)}`,
  );
}

/**
 * A copy of the option at `path`, if it is bytes.
 *
 * @throws {TypeError} If `value` is not a Uint8Array, of any realm, or its buffer is detached.
 */
export function checkedBytes(
  value: unknown,
  path: OptionPath | string,
): Uint8Array<ArrayBuffer> {
  const view = viewOf(value);
  if (!(view instanceof NoBytes)) return new Uint8Array(view);
  throw optionTypeError(path, view.problem, { cause: view.cause });
}

/**
 * The option at `path`, if it is one of `choices`.
 *
 * @throws {TypeError} If it is not.
 */
export function checkedChoice<T extends string>(
  value: T,
  choices: readonly T[],
  path: OptionPath | string,
): T {
  if (choices.includes(value)) return value;
  throw optionTypeError(
    path,
    `must be ${choices.map(received).join(" or ")}, received ${
      received(value)
    }`,
  );
}

/** Throws a `TypeError` unless `signal` is an `AbortSignal` or missing. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw optionTypeError(
    "signal",
    `must be an AbortSignal, received ${received(signal)}`,
  );
}

/** Throws a `TypeError` unless the option at `path` is a function or missing. */
export function checkFunction(value: unknown, path: OptionPath | string): void {
  checkType(value, "function", path);
}

/** Throws a `TypeError` unless the option at `path` is a boolean or missing. */
export function checkBoolean(value: unknown, path: OptionPath | string): void {
  checkType(value, "boolean", path);
}

/** Throws a `TypeError` unless `sessions` has the methods of a store or is missing. */
export function checkStore(sessions: object | undefined): void {
  if (sessions === undefined) return;
  for (const method of ["get", "set", "delete"] as const) {
    if (
      typeof (sessions as Partial<Record<typeof method, unknown>>)?.[method] !==
        "function"
    ) {
      throw optionTypeError(
        "sessions",
        `must be a SessionStore: it has no method ${method}`,
      );
    }
  }
  // A Map has these methods, and would keep sessions beyond their expiry.
  if (sessions instanceof Map) {
    throw optionTypeError(
      "sessions",
      "must be a SessionStore, received a Map: MemorySessionStore keeps sessions in memory",
    );
  }
}

function checkType(
  value: unknown,
  type: "boolean" | "function",
  path: OptionPath | string,
): void {
  if (value === undefined || typeof value === type) return;
  throw optionTypeError(path, `must be a ${type}, received ${received(value)}`);
}
