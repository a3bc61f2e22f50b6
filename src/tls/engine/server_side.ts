import type { MachineConnection } from "../../libssl/machine_connection.ts";
import type {
  ClientHello,
  ConnectionOwner,
  FoundSession,
  HelloAnswer,
  Negotiated,
  NewSession,
  SessionFlaw,
  SessionTerms,
} from "../../libssl/machine_types.ts";
import { connectionInfo, type TlsPeersInfo } from "../peer/connection_info.ts";
import type { ContextCore } from "../context/context_core.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { isPromise } from "../../internal/maybe_promise.ts";
import type { TlsEngineOptions } from "./engine_setup.ts";
import type { Resumption, ResumptionFailure } from "../sessions/resumption.ts";
import type { ResumingPeer } from "../sessions/revalidation.ts";
import { ServerSessions } from "../sessions/server_sessions.ts";
import type { TicketMode } from "../sessions/session_options.ts";
import type { TicketKeys } from "../sessions/ticket_keys.ts";
import { type ClientOffer, offerOf } from "./client_offer.ts";
import { proceed, refusal, RETRY } from "./hello_answers.ts";
import { resumptionOf } from "./server_resumption.ts";
import { serverTerms } from "./server_terms.ts";

const ALERT_ILLEGAL_PARAMETER = 47;
const ALERT_INTERNAL_ERROR = 80;

/** Tells the engine what to wait for, and whether bytes are held back until then. */
export type WaitListener = (
  operation: Promise<void>,
  holdsBytes: boolean,
) => void;

/** The addresses of both ends, if they are known. */
export type PeerAddresses = Pick<
  TlsEngineOptions,
  "remoteAddress" | "localAddress"
>;

/**
 * Answers a server connection's callbacks. On a client hello it chooses the context and looks
 * sessions up; either may have to wait, which suspends the handshake.
 */
export class ServerSide implements ConnectionOwner {
  readonly #initial: ContextCore;
  readonly #machine: MachineConnection;
  readonly #onWait: WaitListener;
  readonly #addresses: Readonly<
    Record<keyof PeerAddresses, string | null>
  >;
  #core: ContextCore;
  #tickets: TicketMode;
  #sessions: ServerSessions | undefined;
  #offer: ClientOffer | undefined;
  #stage: "choose" | "look up" | "go on" = "choose";
  #isWaiting = false;
  #allowsTls13 = false;
  #terms: SessionTerms | undefined;
  #hasConcluded = false;
  #hasEnded = false;
  #ticketFailure: ResumptionFailure | undefined;
  #error: unknown;

  /** For a connection that `core` has made. */
  constructor(
    core: ContextCore,
    machine: MachineConnection,
    { remoteAddress, localAddress }: PeerAddresses,
    onWait: WaitListener,
  ) {
    this.#addresses = {
      remoteAddress: remoteAddress ?? null,
      localAddress: localAddress ?? null,
    };
    this.#initial = this.#core = core;
    this.#tickets = core.sessions.tickets;
    this.#machine = machine;
    this.#onWait = onWait;
    machine.owner = this;
    if (core.choosesByName) core.attach(machine.ssl, this);
  }

  /** The server name that the client asks for, as `contextFor` gets it. */
  get serverName(): string | null {
    return this.#offer?.serverName ?? null;
  }

  /** Whether the chosen context allows post-handshake certificate requests. */
  get mayAsk(): boolean {
    return this.#core.mayAsk;
  }

  /** What `contextFor` threw, if that ended the handshake. */
  get error(): unknown {
    return this.#error;
  }

  /** The ticket keys of the chosen context, if it has its own. */
  get ticketKeys(): TicketKeys | undefined {
    return this.#core.sessions.ticketKeys;
  }

  /** A hello has come: answers `SSL_CLIENT_HELLO_RETRY` if there is something to wait for. */
  onHello(hello: ClientHello): HelloAnswer {
    if (this.#isWaiting) return RETRY;
    this.#allowsTls13 = hello.allowsTls13;
    const offer = offerOf(hello);
    this.#offer ??= offer;
    // The second hello after a HelloRetryRequest must have the name by which the context was chosen.
    if (offer.serverName !== this.#offer.serverName) {
      return refusal(ALERT_ILLEGAL_PARAMETER);
    }
    if (this.#hasConcluded && hello.isNew) {
      this.#offer = offer;
      this.#stage = "look up";
      this.#sessions?.restart();
    }
    while (this.#error === undefined && this.#stage !== "go on") {
      const wait = this.#stage === "choose"
        ? this.#choose(offer.serverName)
        : this.#lookUp(hello);
      if (wait) {
        this.#isWaiting = true;
        this.#onWait(wait.then(() => void (this.#isWaiting = false)), false);
        return RETRY;
      }
    }
    if (this.#error !== undefined) return refusal(ALERT_INTERNAL_ERROR);
    const terms = this.#terms;
    this.#terms = undefined;
    return proceed(terms, this.#sessions?.maxFinds ?? 0);
  }

  /** A client proposes a session. */
  findSession(id: string, give: (found: FoundSession) => void): void {
    const found = this.#sessions?.find(id);
    if (found) give(found);
    // `conclude` isn't called after a renegotiation, whose hello has only one id.
    if (this.#hasConcluded) this.#sessions?.clearLookups();
  }

  /** The session that was found is refused. */
  onSessionRefused(flaw: SessionFlaw): void {
    this.#sessions?.refuse(flaw === "valid" ? "refused" : flaw);
  }

  /** Stores a new session. */
  onNewSession(session: NewSession): void {
    const wait = this.#sessions?.put(session, () => this.#describe());
    session.der.fill(0);
    if (wait) this.#onWait(wait, true);
  }

  /** The handshake is done: returns whether it resumed a session. */
  conclude(negotiated: Negotiated): Resumption {
    const outcome = this.#outcome(negotiated);
    this.#hasConcluded = true;
    this.#sessions?.conclude();
    this.#initial.sessions.internalCache?.checkClock();
    this.#core.counters.count(outcome);
    return outcome;
  }

  /**
   * The connection failed: its sessions must not be resumed (RFC 5246, 7.2.2). After a failed
   * handshake this applies to the proposed session only if it is likely to be the cause.
   */
  onFatal(): void {
    if (this.#hasConcluded) this.#sessions?.invalidate("fatal");
    else this.#sessions?.deleteServed();
  }

  /** The connection is over. */
  end(isClean: boolean): void {
    this.#hasEnded = true;
    const { sessions } = this.#core.sessions.storing
      ? this.#core
      : this.#initial;
    if (!isClean && this.#hasConcluded && sessions.removesUnclean) {
      this.#sessions?.invalidate("unclean");
    }
    this.#sessions?.abandon();
  }

  #choose(serverName: string | null): Promise<void> | undefined {
    this.#stage = "look up";
    try {
      const chosen = this.#initial.chooseFor(serverName);
      if (!isPromise(chosen)) {
        this.#serveAs(chosen, serverName);
        return undefined;
      }
      return chosen.then((core) => this.#serveAs(core, serverName))
        .catch((error) => void (this.#error = error ?? new Error("rejected")));
    } catch (error) {
      this.#error = error ?? new Error("thrown");
      return undefined;
    }
  }

  #lookUp(hello: ClientHello): Promise<void> | undefined {
    this.#stage = "go on";
    const isTls13 = hello.offersTls13 && this.#allowsTls13;
    return this.#sessions?.lookUp(hello, isTls13) ??
      this.#revalidateTicket(hello, isTls13);
  }

  /** Calls `revalidate` for the session in a stateless ticket. */
  #revalidateTicket(
    hello: ClientHello,
    isTls13: boolean,
  ): Promise<void> | undefined {
    const { revalidation } = this.#core.sessions;
    if (this.#tickets !== "stateless" || !revalidation) return undefined;
    const failure = revalidation.askForTicket(
      this.#machine.ssl,
      isTls13 ? hello.identities() : [hello.ticket()],
      this.#peer,
      () => this.#hasEnded,
    );
    if (isPromise(failure)) {
      return failure.then((failure) => void (this.#ticketFailure = failure));
    }
    this.#ticketFailure = failure;
    return undefined;
  }

  get #peer(): ResumingPeer {
    return { serverName: this.serverName, ...this.#addresses };
  }

  #serveAs(core: ContextCore, serverName: string | null): void {
    this.#core = core;
    if (core !== this.#initial) {
      core.adopt(this.#machine.ssl);
      this.#allowsTls13 = this.#machine.allowsTls13;
    }
    const { tickets, storing, terms } = serverTerms(
      this.#initial,
      core,
      serverName,
    );
    this.#tickets = tickets;
    this.#terms = terms;
    if (storing === undefined) return;
    const { context, maxAge } = terms;
    const { revalidation } = core.sessions;
    if (storing !== this.#initial.sessions.storing) {
      storing.ids?.serve(this.#machine.ssl);
    }
    this.#sessions = new ServerSessions(core.openssl, storing, {
      context,
      maxAge,
      revalidate: revalidation &&
        ((session) => revalidation.ask(session, this.#peer)),
    });
  }

  #describe(): TlsPeersInfo {
    const { openssl } = this.#initial;
    return Object.freeze({
      ...connectionInfo(openssl, this.#machine.describe()),
      ...this.#peer,
    });
  }

  #outcome(negotiated: Negotiated): Resumption {
    const age = opensslInternals.get(this.#initial.openssl).sessionAge;
    return resumptionOf(negotiated, {
      offer: this.#offer,
      tickets: this.#tickets,
      sessions: this.#sessions,
      ticketFailure: () =>
        this.#ticketFailure ?? age.ticketVerdict(this.#machine.ssl),
    });
  }
}
