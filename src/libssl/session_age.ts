import { NULL } from "../ffi/pointers.ts";
import { FunctionGroup } from "./function_group.ts";
import type { SSL, SSL_CTX, SSL_SESSION } from "./handles.ts";

/** What stands against resuming a session: the order is that of `sesame_verdict` in C. */
const VERDICTS = [
  "valid",
  "expired",
  "too-old",
  "certificate-expired",
  "not-revalidated",
] as const;

/** What stands against resuming a session. */
export type SessionVerdict = typeof VERDICTS[number];

/** On what a session's lifetime rests. */
export interface SessionProof {
  /** When the peer last proved itself, in milliseconds since 1970. */
  readonly provedAt: number;
  /** When the first of its certificates ends, in milliseconds since 1970; `Infinity` without. */
  readonly notAfter: number;
}

/**
 * How long sessions may be resumed, through every resumption: `wasm/session_age.c`. Not
 * OpenSSL's own, and so not of {@linkcode Libssl}.
 *
 * @internal
 */
export class SessionAge extends FunctionGroup {
  /**
   * Has sessions that connections of `ctx` make or resume by tickets end `maxAge` seconds
   * after their peer's last proof, and with the certificates that were verified. If it
   * revalidates, tickets of clients with a certificate need to be approved.
   */
  limit(ctx: SSL_CTX, maxAge: number, revalidates: boolean): void {
    const ptr = this.ptr(ctx, "SSL_CTX");
    if (this.c.sesame_session_limit(ptr, maxAge, Number(revalidates)) !== 1) {
      throw new RangeError("Cannot limit the age of sessions: out of memory");
    }
  }

  /**
   * Cuts the lifetime of a new session. OpenSSL's callback for new sessions has done so;
   * it isn't told of all.
   */
  stamp(ssl: SSL, session: SSL_SESSION): void {
    this.c.sesame_session_stamp(
      this.ptr(ssl, "SSL"),
      this.ptr(session, "SSL_SESSION"),
    );
  }

  /**
   * What stands against resuming a session now, where `maxAge` seconds are allowed. One
   * from before proofs is given one: it counts from its own making.
   */
  verdict(session: SSL_SESSION, maxAge: number): SessionVerdict {
    const ptr = this.ptr(session, "SSL_SESSION");
    return verdictNamed(this.c.sesame_session_verdict(ptr, maxAge));
  }

  /** What stood against the ticket that a server's connection was shown last. */
  ticketVerdict(ssl: SSL): SessionVerdict {
    return verdictNamed(
      this.c.sesame_session_ticket_verdict(this.ptr(ssl, "SSL")),
    );
  }

  /**
   * The session of a ticket that a client shows, owned: `null` if it can't be read, or if
   * something stands against it. For the callback of the client hello.
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

  /** Lets a connection resume this session's ticket; with `null` that of nobody. */
  approve(ssl: SSL, session: SSL_SESSION | null): void {
    this.c.sesame_session_approve(
      this.ptr(ssl, "SSL"),
      session ? this.ptr(session, "SSL_SESSION") : NULL,
    );
  }

  /** On what a session's lifetime rests. */
  proof(session: SSL_SESSION): SessionProof {
    const ptr = this.ptr(session, "SSL_SESSION");
    return proofOf(
      this.c.sesame_session_proved_at(ptr),
      this.c.sesame_session_not_after(ptr),
    );
  }
}

/** A proof of C's seconds since 1970. */
export function proofOf(provedAt: number, notAfter: number): SessionProof {
  return { provedAt: provedAt * 1000, notAfter: milliseconds(notAfter) };
}

/** Past what a `Date` can say there is no end. */
function milliseconds(seconds: number): number {
  return Number.isNaN(new Date(seconds * 1000).getTime())
    ? Infinity
    : seconds * 1000;
}

/** The name of a `sesame_verdict`. */
export function verdictNamed(verdict: number): SessionVerdict {
  return VERDICTS[verdict] ?? "expired";
}
