import { NULL } from "../ffi/pointers.ts";
import { TlsError } from "../internal/tls_error.ts";
import { FunctionGroup } from "./function_group.ts";
import type { SSL, SSL_CTX, SSL_SESSION } from "./handles.ts";

/** Whether a session may be resumed or why not, in the order of `sesame_verdict` in C. */
const VERDICTS = [
  "valid",
  "expired",
  "too-old",
  "certificate-expired",
  "not-revalidated",
] as const;

/** Whether a session may be resumed, or why not. */
export type SessionVerdict = typeof VERDICTS[number];

/** The times that limit the lifetime of a session. */
export interface SessionProof {
  /** The time of the handshake in which the peer last authenticated, in milliseconds since 1970. */
  readonly provedAt: number;
  /**
   * The earliest expiry of the peer's certificates, in milliseconds since 1970; `Infinity` if
   * there are none.
   */
  readonly notAfter: number;
}

/**
 * Limits how long sessions may be resumed, across resumptions (`wasm/session_age.c`). These
 * functions aren't OpenSSL's, so they are not in `Libssl`.
 *
 * @internal
 */
export class SessionAge extends FunctionGroup {
  /**
   * Sets that sessions of the connections of `ctx`, also those resumed by tickets, end `maxAge`
   * seconds after the peer last authenticated and with the certificates that were verified. If
   * `revalidates`, tickets of clients with a certificate must be approved.
   */
  limit(ctx: SSL_CTX, maxAge: number, revalidates: boolean): void {
    const ptr = this.ptr(ctx, "SSL_CTX");
    if (this.c.sesame_session_limit(ptr, maxAge, Number(revalidates)) !== 1) {
      throw new TlsError(
        "out-of-memory",
        "Cannot limit the age of sessions: out of memory",
      );
    }
  }

  /**
   * Limits the lifetime of a new session. OpenSSL's callback for new sessions does so, but isn't
   * called for all.
   */
  stamp(ssl: SSL, session: SSL_SESSION): void {
    this.c.sesame_session_stamp(
      this.ptr(ssl, "SSL"),
      this.ptr(session, "SSL_SESSION"),
    );
  }

  /**
   * Returns whether a session may be resumed now, where `maxAge` seconds are allowed. A session
   * without the time of an authentication is given its time of creation.
   */
  verdict(session: SSL_SESSION, maxAge: number): SessionVerdict {
    const ptr = this.ptr(session, "SSL_SESSION");
    return verdictNamed(this.c.sesame_session_verdict(ptr, maxAge));
  }

  /** Returns the verdict on the ticket that a server's connection has received last. */
  ticketVerdict(ssl: SSL): SessionVerdict {
    return verdictNamed(
      this.c.sesame_session_ticket_verdict(this.ptr(ssl, "SSL")),
    );
  }

  /**
   * Returns the session of a ticket of a client hello, owned, or `null` if it can't be decrypted
   * or may not be resumed. Call it in the client-hello callback.
   */
  sessionOfTicket(ssl: SSL, ticket: Uint8Array): SSL_SESSION | null {
    const ptr = this.ptr(ssl, "SSL");
    return this.ffi.handles.own(
      "SSL_SESSION",
      this.memory.withBytes(
        ticket,
        (data, length) => this.c.sesame_session_of_ticket(ptr, data, length),
      ),
    );
  }

  /** Allows a connection to resume the ticket of this session; with `null`, of none. */
  approve(ssl: SSL, session: SSL_SESSION | null): void {
    this.c.sesame_session_approve(
      this.ptr(ssl, "SSL"),
      session ? this.ptr(session, "SSL_SESSION") : NULL,
    );
  }

  /** The times that limit the lifetime of a session. */
  proof(session: SSL_SESSION): SessionProof {
    const ptr = this.ptr(session, "SSL_SESSION");
    return proofOf(
      this.c.sesame_session_proved_at(ptr),
      this.c.sesame_session_not_after(ptr),
    );
  }
}

/** The times of C, which are in seconds since 1970. */
export function proofOf(provedAt: number, notAfter: number): SessionProof {
  return { provedAt: provedAt * 1000, notAfter: milliseconds(notAfter) };
}

/** Times beyond the range of a `Date` are no limit. */
function milliseconds(seconds: number): number {
  return Number.isNaN(new Date(seconds * 1000).getTime())
    ? Infinity
    : seconds * 1000;
}

/** The name of a `sesame_verdict`. */
export function verdictNamed(verdict: number): SessionVerdict {
  return VERDICTS[verdict] ?? "expired";
}
