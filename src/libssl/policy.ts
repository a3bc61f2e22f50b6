import { TlsError } from "../internal/tls_error.ts";
import { FunctionGroup } from "./function_group.ts";
import type { SSL, SSL_CTX, SSL_SESSION } from "./handles.ts";

/** Why a session doesn't fit a connection, in the order of `sesame_misfit` in C. */
const MISFITS = [
  undefined,
  "version-mismatch",
  "cipher-mismatch",
  "group-mismatch",
  "refused",
] as const;

/** The parameter of a session that a connection wouldn't negotiate. */
export type Misfit = NonNullable<typeof MISFITS[number]>;

/**
 * Applies the policy of a context to a connection (`wasm/policy.c`). These functions aren't
 * OpenSSL's, so they are not in `Libssl`.
 *
 * @internal
 */
export class Policy extends FunctionGroup {
  /**
   * Gives `ssl` the configuration that it would have if it had been created from `ctx`, except
   * callbacks and session cache.
   */
  adopt(ssl: SSL, ctx: SSL_CTX): void {
    const result = this.c.sesame_adopt(
      this.ptr(ssl, "SSL"),
      this.ptr(ctx, "SSL_CTX"),
    );
    if (result !== 1) {
      throw new TlsError(
        "out-of-memory",
        "Cannot change the context of a connection: out of memory",
      );
    }
  }

  /**
   * Returns the parameter of a session that `ssl` wouldn't negotiate now: its version, cipher
   * suite or group or, as `"refused"`, an extension; `undefined` if all are allowed.
   */
  misfitOf(ssl: SSL, session: SSL_SESSION): Misfit | undefined {
    const misfit = this.c.sesame_session_misfit(
      this.ptr(ssl, "SSL"),
      this.ptr(session, "SSL_SESSION"),
    );
    return misfitNamed(misfit);
  }
}

/** The name of a `sesame_misfit`. */
export function misfitNamed(misfit: number): Misfit | undefined {
  return misfit === 0 ? undefined : MISFITS[misfit] ?? "refused";
}
