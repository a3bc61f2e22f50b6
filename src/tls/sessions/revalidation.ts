import type { SSL, SSL_SESSION } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { isPromise } from "../../internal/maybe_promise.ts";
import type { MaybePromise } from "../../stores/session_store.ts";
import {
  certificateInfo,
  type PeerCertificate,
} from "../peer/peer_certificate.ts";
import { DeadlineError, withDeadline } from "./deadline.ts";
import type { ResumptionFailure } from "./resumption.ts";

/** What a server knows of a client that wants to resume, and that a certificate names. */
export interface TlsRevalidationInfo {
  /** The certificate that the client showed when it last proved itself. */
  readonly peerCertificate: PeerCertificate;
  /** When that was. */
  readonly provedAt: Date;
  /** The server name that the client asks for now, or `null`. */
  readonly serverName: string | null;
  /** The client's address, such as `"192.0.2.1:443"`; `null` if the transport has none. */
  readonly remoteAddress: string | null;
  /** The address at this end; `null` if the transport has none. */
  readonly localAddress: string | null;
}

/** Who asks to resume, and where. */
export type ResumingPeer = Pick<
  TlsRevalidationInfo,
  "serverName" | "remoteAddress" | "localAddress"
>;

/** How a context asks whether an authenticated client's session may be resumed still. */
export interface RevalidationSettings {
  /** The context's own question. */
  readonly revalidate: (info: TlsRevalidationInfo) => MaybePromise<boolean>;
  /** How long the answer may take, in milliseconds. */
  readonly timeout: number;
  /** At most how many tickets of a hello are read. */
  readonly maxTickets: number;
  /** Told of failures. */
  readonly onError: (error: unknown) => void;
}

/** Asks before a session is resumed. What fails costs a full handshake: nothing here throws. */
export class Revalidation {
  readonly #openssl: OpenSSL;
  readonly #settings: RevalidationSettings;

  /** For the connections of one context. */
  constructor(openssl: OpenSSL, settings: RevalidationSettings) {
    this.#openssl = openssl;
    this.#settings = settings;
  }

  /** Why a session may not be resumed; `undefined` if it may, or stands for nobody. */
  ask(
    session: SSL_SESSION,
    peer: ResumingPeer,
  ): MaybePromise<ResumptionFailure | undefined> {
    const info = this.#describe(session, peer);
    if (info === undefined) return undefined;
    const { revalidate, timeout } = this.#settings;
    try {
      const answer = withDeadline(
        "options.revalidate",
        timeout,
        new AbortController(),
        () => revalidate(info),
      );
      return isPromise(answer)
        ? answer.then(judge).catch((error) => this.#fail(error))
        : judge(answer);
    } catch (error) {
      return this.#fail(error);
    }
  }

  /**
   * Asks for the first of a client's tickets that can be read, and lets `ssl` resume that one
   * if it may; OpenSSL would take the first, too. For the callback of the client hello.
   */
  askForTicket(
    ssl: SSL,
    tickets: readonly Uint8Array[],
    peer: ResumingPeer,
    isOver: () => boolean,
  ): MaybePromise<ResumptionFailure | undefined> {
    const age = opensslInternals.get(this.#openssl).sessionAge;
    age.approve(ssl, null);
    const session = tickets.slice(0, this.#settings.maxTickets)
      .reduce<SSL_SESSION | null>(
        (found, ticket) => found ?? age.sessionOfTicket(ssl, ticket),
        null,
      );
    if (session === null) return undefined;
    const settle = (
      failure: ResumptionFailure | undefined,
    ): ResumptionFailure | undefined => {
      if (failure === undefined && !isOver()) age.approve(ssl, session);
      this.#openssl.libssl.SSL_SESSION_free(session);
      return failure;
    };
    const answer = this.ask(session, peer);
    return isPromise(answer) ? answer.then(settle) : settle(answer);
  }

  #describe(
    session: SSL_SESSION,
    { serverName, remoteAddress, localAddress }: ResumingPeer,
  ): TlsRevalidationInfo | undefined {
    const { libssl } = this.#openssl;
    const cert = libssl.SSL_SESSION_get0_peer(session);
    const peerCertificate = cert && certificateInfo(libssl, cert);
    if (!peerCertificate) return undefined;
    const { provedAt } = opensslInternals.get(this.#openssl).sessionAge.proof(
      session,
    );
    return Object.freeze({
      peerCertificate,
      provedAt: new Date(provedAt),
      serverName,
      remoteAddress,
      localAddress,
    });
  }

  #fail(error: unknown): ResumptionFailure {
    this.#settings.onError(error);
    return error instanceof DeadlineError ? "deadline" : "revalidation-failed";
  }
}

function judge(answer: boolean): ResumptionFailure | undefined {
  if (typeof answer !== "boolean") {
    throw new TypeError(
      `revalidate must answer with a boolean, received ${typeof answer}`,
    );
  }
  return answer ? undefined : "not-revalidated";
}
