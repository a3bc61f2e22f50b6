import { freeIfAlive } from "../../ffi/free_if_alive.ts";
import type { SSL, SSL_SESSION } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { isPromise } from "../../internal/maybe_promise.ts";
import type { MaybePromise } from "../../stores/session_store.ts";
import {
  certificateInfo,
  type PeerCertificate,
} from "../peer/peer_certificate.ts";
import { Cancellation, DeadlineError, TimedCalls } from "./deadline.ts";
import type { ResumptionFailure } from "./resumption.ts";

/** What a server knows of a client with a certificate that offers a session. */
export interface TlsRevalidationInfo {
  /** The certificate that the client sent in its last full handshake. */
  readonly peerCertificate: PeerCertificate;
  /** The time of that handshake. */
  readonly provedAt: Date;
  /** The server name (SNI) that the client sends now, or `null`. */
  readonly serverName: string | null;
  /** The client's address, such as `"192.0.2.1:443"`; `null` if the transport has none. */
  readonly remoteAddress: string | null;
  /** The address at this end; `null` if the transport has none. */
  readonly localAddress: string | null;
}

/** The client that offers a session. */
export type ResumingPeer = Pick<
  TlsRevalidationInfo,
  "serverName" | "remoteAddress" | "localAddress"
>;

/** How a context calls `revalidate`. */
export interface RevalidationSettings {
  /** The option. */
  readonly revalidate: (info: TlsRevalidationInfo) => MaybePromise<boolean>;
  /** The most milliseconds that it may take. */
  readonly timeout: number;
  /** The most tickets of a hello that are decrypted. */
  readonly maxTickets: number;
  /** Called when it fails. */
  readonly onError: (error: unknown) => void;
}

/** Calls `revalidate` before a session is resumed. If it fails, the handshake is full. */
export class Revalidation {
  readonly #openssl: OpenSSL;
  readonly #settings: RevalidationSettings;
  readonly #calls: TimedCalls;

  /** For the connections of one context. */
  constructor(openssl: OpenSSL, settings: RevalidationSettings) {
    this.#openssl = openssl;
    this.#settings = settings;
    this.#calls = new TimedCalls("options.revalidate", settings.timeout);
  }

  /**
   * Why a session may not be resumed; `undefined` if it may, or if its client showed no
   * certificate. Never throws or rejects.
   */
  ask(
    session: SSL_SESSION,
    peer: ResumingPeer,
  ): MaybePromise<ResumptionFailure | undefined> {
    const { revalidate } = this.#settings;
    try {
      const info = this.#describe(session, peer);
      if (info === undefined) return undefined;
      const answer = this.#calls.ask(
        new Cancellation(),
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
   * {@linkcode Revalidation.ask} for the first ticket of a hello that can be decrypted, which
   * is the one that OpenSSL resumes; `ssl` resumes it only if it may.
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
      try {
        if (failure === undefined && !isOver()) age.approve(ssl, session);
        return failure;
      } catch (error) {
        // The instance has crashed meanwhile, or has no memory.
        return this.#fail(error);
      } finally {
        freeIfAlive(() => this.#openssl.libssl.SSL_SESSION_free(session));
      }
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
    if (cert === null) return undefined;
    const peerCertificate = certificateInfo(libssl, cert);
    const { sessionAge } = opensslInternals.get(this.#openssl);
    const { provedAt } = sessionAge.proof(session);
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
