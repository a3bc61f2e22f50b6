import type { SSL, SSL_SESSION } from "../../libssl/handles.ts";
import { sessionAgeOf } from "../../libssl/openssl.ts";
import type { SessionVerdict } from "../../libssl/session_age.ts";
import { areEqual } from "../../internal/bytes.ts";
import type { ContextCore } from "../context/context_core.ts";
import { beClient, propose, type TlsEngineOptions } from "./engine_setup.ts";
import { commonNameHint } from "../peer/host_check.ts";
import type { HostName } from "../peer/host_name.ts";
import type { Resumption } from "../sessions/resumption.ts";
import { type TlsSession, toTlsSession } from "../sessions/session.ts";

/** How many sessions a client keeps that nobody took: a server may send any number. */
const MAX_SESSIONS = 16;

/** What a client connection offers to resume, and what it is given to resume next. */
export class ClientSide {
  readonly #core: ContextCore;
  readonly #ssl: SSL;
  readonly #verdict: SessionVerdict | undefined;
  readonly #offeredTicket: Uint8Array;
  readonly #host: HostName;
  #sessions: TlsSession[] = [];

  /** Makes a connection of `core` a client. */
  constructor(core: ContextCore, ssl: SSL, options: TlsEngineOptions) {
    this.#core = core;
    this.#ssl = ssl;
    core.attach(ssl, this);
    const { openssl, hostFlags, sessions: { maxAge } } = core;
    const { hostname, session } = options;
    this.#host = beClient(openssl.libssl, ssl, hostname, hostFlags);
    this.#verdict = session &&
      propose(openssl, ssl, session, this.#host, { hostFlags, maxAge });
    this.#offeredTicket = this.#ticket();
  }

  /** Whether it proposes a session. */
  get offers(): boolean {
    return this.#verdict === "valid";
  }

  /** The newest session that it was given and that nobody took. */
  get newest(): TlsSession | undefined {
    return this.#sessions.at(-1);
  }

  /** What to add to "hostname mismatch". */
  get mismatchHint(): string {
    return commonNameHint(this.#core.openssl.libssl, this.#ssl, this.#host);
  }

  /** Takes the sessions that it was given, oldest first. */
  takeSessions(): TlsSession[] {
    return this.#sessions.splice(0);
  }

  /** The new callback. */
  onNewSession(session: SSL_SESSION): void {
    this.#correctAlpn(session);
    this.#sessions.push(toTlsSession(this.#core.openssl, session));
    if (this.#sessions.length > MAX_SESSIONS) this.#sessions.shift();
  }

  /** The handshake is done: whether it resumed, as far as a client can tell. */
  conclude(protocol: string, isReused: boolean): Resumption {
    if (isReused) {
      if (protocol !== "TLSv1.3") this.#takeRenewedTicket();
      return { resumed: true, from: "session" };
    }
    const reason = this.#verdict ?? "none-offered";
    return {
      resumed: false,
      reason: reason === "valid" ? "server-declined" : reason,
    };
  }

  /**
   * Early data goes by the protocol of the connection that gave the session (RFC 8446,
   * 4.2.10): OpenSSL keeps that of the one before.
   */
  #correctAlpn(session: SSL_SESSION): void {
    const { libssl } = this.#core.openssl;
    const selected = libssl.SSL_get0_alpn_selected(this.#ssl);
    libssl.SSL_SESSION_set1_alpn_selected(session, selected);
  }

  /** OpenSSL doesn't tell of a ticket that renews a resumed one (RFC 5077, section 3.3). */
  #takeRenewedTicket(): void {
    if (areEqual(this.#ticket(), this.#offeredTicket)) return;
    const { libssl } = this.#core.openssl;
    const session = libssl.SSL_get1_session(this.#ssl);
    if (session === null) return;
    try {
      sessionAgeOf(this.#core.openssl).stamp(this.#ssl, session);
      this.onNewSession(session);
    } finally {
      libssl.SSL_SESSION_free(session);
    }
  }

  #ticket(): Uint8Array {
    const { libssl } = this.#core.openssl;
    const session = libssl.SSL_get_session(this.#ssl);
    return session ? libssl.SSL_SESSION_get0_ticket(session) : new Uint8Array();
  }
}
