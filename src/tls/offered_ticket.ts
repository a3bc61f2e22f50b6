import type { SSL } from "../libssl/handles.ts";
import type { OpenSSL } from "../libssl/openssl.ts";
import { areEqual } from "./bytes.ts";
import { type TlsSession, toTlsSession } from "./session.ts";

/**
 * The ticket that a client offers. A server of TLS 1.2 may renew it when it resumes
 * (RFC 5077, section 3.3), and OpenSSL's new callback doesn't tell of that.
 */
export class OfferedTicket {
  readonly #openssl: OpenSSL;
  readonly #ssl: SSL;
  readonly #ticket: Uint8Array;

  /** Of a client that hasn't said anything yet. */
  constructor(openssl: OpenSSL, ssl: SSL) {
    this.#openssl = openssl;
    this.#ssl = ssl;
    this.#ticket = this.#current();
  }

  /** After a handshake that resumed: the session with its new ticket, if it has one. */
  renewed(): TlsSession | undefined {
    const { libssl } = this.#openssl;
    if (areEqual(this.#current(), this.#ticket)) return undefined;
    const session = libssl.SSL_get1_session(this.#ssl);
    if (session === null) return undefined;
    try {
      return toTlsSession(this.#openssl, session);
    } finally {
      libssl.SSL_SESSION_free(session);
    }
  }

  #current(): Uint8Array {
    const { libssl } = this.#openssl;
    const session = libssl.SSL_get_session(this.#ssl);
    return session ? libssl.SSL_SESSION_get0_ticket(session) : new Uint8Array();
  }
}
