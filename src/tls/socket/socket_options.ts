import { optionTypeError } from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";
import { TlsContext, type TlsContextOptions } from "../context/context.ts";

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
      throw optionTypeError(
        name,
        (nameOf) =>
          `can't be used with ${nameOf(["context"])}, which has its own`,
      );
    }
  }
  return { context, isOwn: false };
}

/** Throws a `TypeError` unless `context` is a context. */
export function checkContext(context: TlsContext): void {
  if (context instanceof TlsContext) return;
  throw optionTypeError(
    "context",
    `must be a TlsContext, received ${received(context)}`,
  );
}
