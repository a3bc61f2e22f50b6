import { TlsContext } from "./context.ts";
import type { TlsContextOptions } from "./context_options.ts";

const DEFAULT_HANDSHAKE_TIMEOUT = 10_000;
const MAX_TIMEOUT = 0x7fff_ffff;

/** A limit on a handshake, in milliseconds, or the default. */
export function checkedTimeout(ms: number = DEFAULT_HANDSHAKE_TIMEOUT): number {
  return checkedWhole(ms, "handshakeTimeout");
}

/** The option `name`, if it is a whole number above 0 that a timer can take. */
export function checkedWhole(value: number, name: string): number {
  if (!Number.isInteger(value) || value < 1 || value > MAX_TIMEOUT) {
    throw new RangeError(
      `options.${name} must be a whole number from 1 to ${MAX_TIMEOUT}, received ${value}`,
    );
  }
  return value;
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

/** A context, and whether it was made here, to be closed here. */
export interface OwnedContext {
  /** The context. */
  readonly context: TlsContext;
  /** Whether it was made here. */
  readonly isOwn: boolean;
}

/** The caller's context, or one of the caller's options: only one of them may be given. */
export function ownContext(
  context: TlsContext | undefined,
  options: TlsContextOptions,
): OwnedContext {
  if (context === undefined) {
    return { context: new TlsContext(options), isOwn: true };
  }
  checkContext(context);
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) {
      throw new TypeError(
        `options.${name} can't be used with options.context, which has its own`,
      );
    }
  }
  return { context, isOwn: false };
}

/** Throws a `TypeError` unless `context` is a context. */
export function checkContext(context: TlsContext): void {
  if (context instanceof TlsContext) return;
  throw new TypeError(
    `options.context must be a TlsContext, received ${typeof context}`,
  );
}
