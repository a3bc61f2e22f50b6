import { byteCopy } from "../../internal/byte_view.ts";
import { areEqual, latin1 } from "../../internal/bytes.ts";
import { isPromise, type MaybePromise } from "../../internal/maybe_promise.ts";
import type { SSL_SESSION } from "../../libssl/handles.ts";
import type { ClientHello } from "../../libssl/machine_types.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import type { ResumptionFailure } from "./resumption.ts";
import type { ServerSessionSettings } from "./server_session_settings.ts";
import type { SessionRecord } from "./session_record.ts";
import type { Lookup, LookupRequest } from "./store_guard.ts";

/** The identities of stateful tickets are session ids; others can't be looked up. */
const SESSION_ID_BYTES = 32;

/** The conditions under which one connection resumes sessions. */
export interface SessionConditions {
  /** The session id context that they are bound to. */
  readonly context: Uint8Array;
  /** The most seconds since the client's last full handshake. */
  readonly maxAge: number;
  /** Returns why a session may not be resumed. Never throws; `undefined` without `revalidate`. */
  readonly revalidate:
    | ((session: SSL_SESSION) => MaybePromise<ResumptionFailure | undefined>)
    | undefined;
}

/** The answer of the store for an id. */
interface Answer {
  /** The id, each byte a character. */
  readonly key: string;
  readonly id: Uint8Array;
  readonly lookup: Lookup;
}

/** A session that was found. */
export interface FoundRecord {
  /** Its id. */
  readonly id: Uint8Array;
  /** Its record. */
  readonly record: SessionRecord;
}

/**
 * The look-ups of one server connection. An answer is kept until the handshake is done: after
 * a HelloRetryRequest, OpenSSL asks for the same session again.
 */
export class SessionLookups {
  readonly #openssl: OpenSSL;
  readonly #settings: ServerSessionSettings;
  readonly #conditions: SessionConditions;
  /** Nearly always of one id. */
  #answers: Answer[] = [];
  #requests: LookupRequest[] = [];
  #failure: ResumptionFailure | undefined;
  #takes = false;
  #isOver = false;

  /** For a connection whose sessions must fulfil `conditions`. */
  constructor(
    openssl: OpenSSL,
    settings: ServerSessionSettings,
    conditions: SessionConditions,
  ) {
    this.#openssl = openssl;
    this.#settings = settings;
    this.#conditions = conditions;
  }

  /** Why no session was found, if that is known. */
  get failure(): ResumptionFailure | undefined {
    return this.#failure;
  }

  /** The method of the store for a look-up: `take` removes the session. */
  get operation(): "get" | "take" {
    return this.#takes ? "take" : "get";
  }

  /**
   * Asks the store for the sessions that OpenSSL may ask for.
   *
   * @returns A promise if the handshake has to wait.
   */
  begin(hello: ClientHello, isTls13: boolean): Promise<void> | undefined {
    this.#takes = this.#settings.singleUse && isTls13;
    const waits: Promise<void>[] = [];
    for (const id of this.#candidates(hello, isTls13)) {
      const wait = this.#ask(id);
      if (isPromise(wait)) waits.push(wait);
    }
    return waits.length > 1 ? Promise.all(waits).then(() => {}) : waits[0];
  }

  /** The session of an id, each byte a character, if it was found and may be resumed. */
  find(id: string): FoundRecord | undefined {
    const answer = this.#answers.find(({ key }) => key === id);
    return answer && "record" in answer.lookup
      ? { id: answer.id, record: answer.lookup.record }
      : undefined;
  }

  /** The session of an id can't be resumed. */
  refuse(id: Uint8Array, failure: ResumptionFailure): void {
    this.#failure = failure;
    this.#set(id, { failure });
  }

  /** The handshake is done: wipes what was found. */
  clear(): void {
    for (const { lookup } of this.#answers) wipe(lookup);
    this.#answers = [];
  }

  /** A renegotiation begins. */
  restart(): void {
    this.clear();
    this.#failure = undefined;
  }

  /** The connection is over: answers that are still to come are dropped. */
  abandon(): void {
    this.#isOver = true;
    for (const request of this.#requests) request.abandon();
    this.#requests = [];
    this.clear();
  }

  #candidates(hello: ClientHello, isTls13: boolean): Uint8Array[] {
    const proposed = proposedIn(hello, isTls13);
    const { ids, maxLookupsPerHello } = this.#settings;
    const compared = proposed.length > 1
      ? distinct(proposed.slice(0, maxIdentities(this.#settings)))
      : proposed;
    const ours = compared.filter((id) => ids?.isOurs(id) ?? true);
    if (ours.length < compared.length) this.#failure = "id-not-ours";
    return ours.slice(0, maxLookupsPerHello);
  }

  #ask(id: Uint8Array): MaybePromise<void> {
    const request = this.#settings.store[this.operation](id);
    const { answer } = request;
    if (!isPromise(answer)) return this.#judge(id, answer);
    this.#requests.push(request);
    return answer.then((lookup) => {
      this.#requests = this.#requests.filter((other) => other !== request);
      return this.#judge(id, lookup);
    });
  }

  #judge(id: Uint8Array, lookup: Lookup): MaybePromise<void> {
    const answer = this.#ownAnswer(lookup);
    const failure = "record" in answer
      ? this.#revalidate(answer.record)
      : undefined;
    return isPromise(failure)
      ? failure.then((failure) => this.#keep(id, answer, failure))
      : this.#keep(id, answer, failure);
  }

  #ownAnswer(lookup: Lookup): Lookup {
    if ("failure" in lookup) return lookup;
    if (!areEqual(lookup.record.context, this.#conditions.context)) {
      return { failure: "context-mismatch" };
    }
    try {
      // A copy: another connection may share the answer, and this one wipes it.
      const der = byteCopy(lookup.record.der, "der");
      return { record: { ...lookup.record, der } };
    } catch (cause) {
      // The buffer was resized meanwhile: the record was valid when it was checked.
      const error = new TypeError(
        "The store has shrunk the buffer of the record that it returned",
        { cause },
      );
      this.#settings.store.report(error, this.operation);
      return { failure: "malformed-record" };
    }
  }

  /** Calls `revalidate` if the session is still valid. Returns why it may not be resumed. */
  #revalidate(
    { der, expiresAt }: SessionRecord,
  ): MaybePromise<ResumptionFailure | undefined> {
    const { revalidate, maxAge } = this.#conditions;
    if (revalidate === undefined) return undefined;
    const { libssl } = this.#openssl;
    let session: SSL_SESSION | null = null;
    try {
      session = libssl.d2i_SSL_SESSION(der);
      if (session === null) return undefined;
      const { sessionAge } = opensslInternals.get(this.#openssl);
      const verdict = sessionAge.verdict(session, maxAge);
      // Final: the clock may differ when OpenSSL asks for the session.
      if (verdict !== "valid") return verdict;
      return expiresAt <= this.#openssl.now() ? "expired" : revalidate(session);
    } catch (error) {
      // An error of the clock: it ends the handshake as well.
      this.#settings.store.report(error, "revalidate");
      return "revalidation-failed";
    } finally {
      libssl.SSL_SESSION_free(session);
    }
  }

  /** Keeps an answer, unless the connection is over. */
  #keep(
    id: Uint8Array,
    lookup: Lookup,
    failure: ResumptionFailure | undefined,
  ): void {
    const isRefused = failure !== undefined || this.#isOver;
    if (isRefused) wipe(lookup);
    if (this.#isOver) return;
    const kept = failure ? { failure } : lookup;
    if ("failure" in kept) this.#failure ??= kept.failure;
    this.#set(id, kept);
  }

  /** Sets the answer for an id, and wipes the one before. */
  #set(id: Uint8Array, lookup: Lookup): void {
    const key = latin1(id);
    const at = this.#answers.findIndex((answer) => answer.key === key);
    if (at < 0) this.#answers.push({ key, id, lookup });
    else {
      wipe(this.#answers[at]?.lookup);
      this.#answers[at] = { key, id, lookup };
    }
  }
}

/** The most identities of one hello that are compared with the keys of ids. */
export function maxIdentities(
  { maxLookupsPerHello }: ServerSessionSettings,
): number {
  return 8 * maxLookupsPerHello;
}

function wipe(lookup: Lookup | undefined): void {
  if (lookup && "record" in lookup) lookup.record.der.fill(0);
}

function proposedIn(hello: ClientHello, isTls13: boolean): Uint8Array[] {
  if (isTls13) {
    return hello.identities().filter((id) => id.length === SESSION_ID_BYTES);
  }
  return hello.hasSessionId ? [hello.sessionId()] : [];
}

function distinct(ids: Uint8Array[]): Uint8Array[] {
  return [...new Map(ids.map((id) => [latin1(id), id])).values()];
}
