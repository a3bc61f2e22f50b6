import { TLS1_3_VERSION } from "../../libssl/constants.ts";
import type { MachineConnection } from "../../libssl/machine_connection.ts";
import type {
  ConnectionOwner,
  Negotiated,
  NewSession,
} from "../../libssl/machine_types.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import type { SessionVerdict } from "../../libssl/session_age.ts";
import { areEqual } from "../../internal/bytes.ts";
import type { ContextCore } from "../context/context_core.ts";
import { propose, setUpClient, type TlsEngineOptions } from "./engine_setup.ts";
import type { HostName } from "../peer/host_name.ts";
import type { Resumption } from "../sessions/resumption.ts";
import { TlsSession, toTlsSession } from "../sessions/session.ts";

/** How many sessions that weren't taken a client keeps: a server may send any number. */
const MAX_SESSIONS = 16;
const TLS13 = "TLSv1.3";

/** The sessions of a client connection: the one that it proposes, and those that it receives. */
export class ClientSide implements ConnectionOwner {
  readonly #core: ContextCore;
  readonly #machine: MachineConnection;
  readonly #verdict: SessionVerdict | undefined;
  readonly #offeredTicket: Uint8Array;
  /** The host that it connects to. */
  readonly host: HostName;
  #sessions: TlsSession[] = [];

  /** Makes a connection of `core` a client. */
  constructor(
    core: ContextCore,
    machine: MachineConnection,
    options: TlsEngineOptions,
  ) {
    const { ssl } = machine;
    this.#core = core;
    this.#machine = machine;
    machine.owner = this;
    const { openssl, hostFlags, sessions: { maxAge } } = core;
    const { hostname, session } = options;
    this.host = setUpClient(openssl.libssl, ssl, hostname, hostFlags);
    this.#verdict = session &&
      propose(openssl, ssl, session, this.host, { hostFlags, maxAge });
    this.#offeredTicket = session && session.protocol !== TLS13
      ? this.#ticket()
      : new Uint8Array();
  }

  /** Whether it proposes a session. */
  get offers(): boolean {
    return this.#verdict === "valid";
  }

  /** The newest session that was received and not taken. */
  get newest(): TlsSession | undefined {
    return this.#sessions.at(-1);
  }

  /** Takes the sessions that were received, oldest first. */
  takeSessions(): TlsSession[] {
    return this.#sessions.splice(0);
  }

  /** Keeps a new session. */
  onNewSession(session: NewSession): void {
    // A ticket with a lifetime of 0 is to be discarded (RFC 8446, section 4.6.1).
    const { version, lifetimeHint } = session;
    if (version === TLS1_3_VERSION && lifetimeHint === 0) return;
    this.#keep(TlsSession.of(session));
  }

  /** The handshake is done: returns whether it resumed a session, as far as a client can tell. */
  conclude({ version, isReused }: Negotiated): Resumption {
    if (isReused) {
      if (version !== TLS1_3_VERSION) this.#takeRenewedTicket();
      return { resumed: true, from: "session" };
    }
    const reason = this.#verdict ?? "none-offered";
    return {
      resumed: false,
      reason: reason === "valid" ? "server-declined" : reason,
    };
  }

  #keep(session: TlsSession): void {
    this.#sessions.push(session);
    if (this.#sessions.length > MAX_SESSIONS) this.#sessions.shift();
  }

  /** The new callback isn't called for a ticket that renews a resumed one (RFC 5077, section 3.3). */
  #takeRenewedTicket(): void {
    if (areEqual(this.#ticket(), this.#offeredTicket)) return;
    const { openssl } = this.#core;
    const { libssl } = openssl;
    const { ssl } = this.#machine;
    const session = libssl.SSL_get1_session(ssl);
    if (session === null) return;
    try {
      opensslInternals.get(openssl).sessionAge.stamp(ssl, session);
      this.#keep(toTlsSession(openssl, session));
    } finally {
      libssl.SSL_SESSION_free(session);
    }
  }

  #ticket(): Uint8Array {
    const { libssl } = this.#core.openssl;
    const session = libssl.SSL_get_session(this.#machine.ssl);
    return session ? libssl.SSL_SESSION_get0_ticket(session) : new Uint8Array();
  }
}
