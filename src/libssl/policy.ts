import { FunctionGroup } from "./function_group.ts";
import type { SSL, SSL_CTX, SSL_SESSION } from "./handles.ts";

/** What stands against a session: the order is that of `sesame_misfit` in C. */
const MISFITS = [
  undefined,
  "version-mismatch",
  "cipher-mismatch",
  "group-mismatch",
  "refused",
] as const;

/** What of a session a connection wouldn't negotiate. */
export type Misfit = NonNullable<typeof MISFITS[number]>;

/**
 * What a context's policy means for one connection: `wasm/policy.c`. Not OpenSSL's own, and
 * so not of `Libssl`.
 *
 * @internal
 */
export class Policy extends FunctionGroup {
  /**
   * Gives `ssl` all that it would have if it had been made from `ctx`, but for callbacks
   * and where its sessions are.
   */
  adopt(ssl: SSL, ctx: SSL_CTX): void {
    const result = this.c.sesame_adopt(
      this.ptr(ssl, "SSL"),
      this.ptr(ctx, "SSL_CTX"),
    );
    if (result !== 1) {
      throw new RangeError("Cannot serve by another context: out of memory");
    }
  }

  /**
   * What of a session `ssl` wouldn't negotiate now: its version, cipher suite or group, or,
   * as `"refused"`, an extension. `undefined` if all of it is allowed.
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
