import type { SSL_SESSION } from "../../libssl/handles.ts";
import type {
  ClientHello,
  FoundSession,
  NewSession,
} from "../../libssl/machine_types.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { checkTag } from "../../internal/session_arguments.ts";
import type {
  MaybePromise,
  RemovalReason,
} from "../../stores/session_store.ts";
import { areEqual, latin1 } from "../../internal/bytes.ts";
import type { TlsPeersInfo } from "../peer/connection_info.ts";
import type { TlsSessionOptions } from "./session_options.ts";
import { isPromise } from "../../internal/maybe_promise.ts";
import type { Lookup, LookupRequest, StoreGuard } from "./store_guard.ts";
import type { ResumptionFailure } from "./resumption.ts";
import type { SessionIds } from "./session_ids.ts";
import { encodeSessionRecord, type SessionRecord } from "./session_record.ts";

/** OpenSSL's stateful tickets are session ids; others can't be looked up. */
const SESSION_ID_BYTES = 32;

/** How a context wants its sessions looked up and stored. */
export interface ServerSessionPolicy {
  /** The store, as the context uses it. */
  readonly external: StoreGuard;
  /** Whose ids are worth a look-up. */
  readonly ids: SessionIds | undefined;
  /** At most how many identities of a hello are looked up. */
  readonly maxLookupsPerHello: number;
  /** Whether TLS 1.3 sessions are taken out of the store to be used. */
  readonly singleUse: boolean;
  /** Names what a connection's sessions are revoked by. */
  readonly tag: TlsSessionOptions["tag"];
  /** Whether bytes that tell of a session wait until the store has it. */
  readonly holdsFlight: boolean;
}

/** What the sessions of one connection must be, to be resumed. */
export interface SessionTerms {
  /** What they are bound to. */
  readonly context: Uint8Array;
  /** How long after their client's proof they may be, in seconds. */
  readonly maxAge: number;
  /** Says why one may not be, if that is asked: never throws or rejects. */
  readonly revalidate:
    | ((session: SSL_SESSION) => MaybePromise<ResumptionFailure | undefined>)
    | undefined;
}

/** What the store says of an id. */
interface PinnedLookup {
  readonly id: Uint8Array;
  readonly lookup: Lookup;
}

/** A session that the client was given. */
interface GivenSession {
  readonly id: Uint8Array;
  /** When the store is done with it. */
  readonly ended: MaybePromise<void>;
}

/**
 * The sessions of one server connection. What the store says of a hello's ids is
 * pinned: OpenSSL may ask for one again, after a HelloRetryRequest.
 */
export class ServerSessions {
  readonly #openssl: OpenSSL;
  readonly #policy: ServerSessionPolicy;
  readonly #terms: SessionTerms;
  readonly #pinned = new Map<string, PinnedLookup>();
  readonly #requests = new Set<LookupRequest>();
  readonly #given: GivenSession[] = [];
  #failure: ResumptionFailure | undefined;
  #served: Uint8Array | undefined;
  #wasTaken = false;
  #isOver = false;

  /** For a connection on whose terms sessions are made and resumed. */
  constructor(
    openssl: OpenSSL,
    policy: ServerSessionPolicy,
    terms: SessionTerms,
  ) {
    this.#openssl = openssl;
    this.#policy = policy;
    this.#terms = terms;
  }

  /** At most how many identities of one hello are looked at. */
  get maxFinds(): number {
    return 8 * this.#policy.maxLookupsPerHello;
  }

  /** Whether OpenSSL was given a session. */
  get hasServed(): boolean {
    return this.#served !== undefined;
  }

  /** Why nothing was found, if that is known. */
  get failure(): ResumptionFailure | undefined {
    return this.#failure;
  }

  /** Whether OpenSSL was given a session that the store will not give to another. */
  get wasTaken(): boolean {
    return this.#wasTaken && this.#served !== undefined;
  }

  /**
   * Asks the store for all that OpenSSL could ask for: a promise while the handshake
   * has to wait, and nothing if it needn't.
   */
  lookUp(hello: ClientHello, isTls13: boolean): Promise<void> | undefined {
    this.#wasTaken = this.#policy.singleUse && isTls13;
    const ids = this.#candidates(hello, isTls13);
    const waits = ids.map((id) => this.#ask(id)).filter(isPromise);
    return waits.length > 0
      ? Promise.all(waits).then(() => undefined)
      : undefined;
  }

  /** The session of an id, of which each byte is a character, if the store has it. */
  find(id: string): FoundSession | undefined {
    const pinned = this.#pinned.get(id);
    if (pinned === undefined || "failure" in pinned.lookup) return undefined;
    const { der, expiresAt } = pinned.lookup.record;
    this.#served = pinned.id;
    return { der, expiresAt, wasTaken: this.#wasTaken };
  }

  /** The session that was found last can't be resumed. */
  refuse(failure: ResumptionFailure): void {
    const id = this.#served;
    this.#served = undefined;
    this.#failure = failure;
    if (id === undefined) return;
    const key = latin1(id);
    wipeLookup(this.#pinned.get(key)?.lookup);
    this.#pinned.set(key, { id, lookup: { failure } });
    if (failure === "malformed-record") {
      this.#policy.external.report(
        new TypeError("The store's answer is not that session"),
        this.#wasTaken ? "take" : "get",
      );
    }
  }

  /** Stores a new session: a promise that holds the flight back. */
  put(
    { id, der, time, timeout }: NewSession,
    describe: () => TlsPeersInfo,
  ): Promise<void> | undefined {
    const tagged = this.#tag(describe);
    if (tagged === null) return undefined;
    const expiresAt = new Date((time + timeout) * 1000);
    // Of a proof that ended meanwhile: the client was told that it has no lifetime.
    const isOver = expiresAt.getTime() <= this.#openssl.now();
    if (isOver || id.length === 0) return undefined;
    const record = encodeSessionRecord({
      expiresAt: expiresAt.getTime(),
      context: this.#terms.context,
      der,
    });
    const { answer, ended } = this.#policy.external.set(id, record, {
      expiresAt,
      ...tagged,
    });
    this.#given.push({ id, ended });
    return isPromise(answer) && this.#policy.holdsFlight ? answer : undefined;
  }

  /** A renegotiation begins: what the connection has resumed so far remains its own. */
  restart(): void {
    this.settle();
    if (this.#served) this.#given.push({ id: this.#served, ended: undefined });
    this.#served = undefined;
    this.#failure = undefined;
  }

  /** Deletes what this connection was given, and what it resumed. */
  invalidate(reason: RemovalReason): void {
    const { external } = this.#policy;
    if (this.#served) external.delete(this.#served, reason);
    for (const { id, ended } of this.#given) {
      // A deletion that overtakes its write would be undone by it.
      if (isPromise(ended)) ended.then(() => external.delete(id, reason));
      else external.delete(id, reason);
    }
    this.#given.length = 0;
    this.#served = undefined;
  }

  /**
   * The handshake failed. The session that was served may be why, and would fail whatever its
   * client tries until it expires. It is deleted if its id proves that it was given to somebody
   * (`sessionIdKey`): who has seen that id can have it deleted, too, which costs its client one
   * full handshake. Otherwise who tries ids could delete all that there are.
   */
  discredit(): void {
    const { external, ids } = this.#policy;
    if (this.#served === undefined || ids === undefined) return;
    external.report(
      new TypeError("The store's session failed the handshake"),
      this.#wasTaken ? "take" : "get",
    );
    if (!this.#wasTaken) external.delete(this.#served, "fatal");
    this.#served = undefined;
  }

  /** The handshake is over: wipes what was found. */
  settle(): void {
    for (const { lookup } of this.#pinned.values()) wipeLookup(lookup);
    this.#pinned.clear();
  }

  /** The connection is over: gives up what it still waits for. */
  abandon(): void {
    this.#isOver = true;
    for (const request of this.#requests) request.abandon();
    this.#requests.clear();
    this.settle();
  }

  /** The tag of new sessions; `null` if it can't be had: they couldn't be revoked. */
  #tag(describe: () => TlsPeersInfo): { tag?: string } | null {
    const { external, tag: tagOf } = this.#policy;
    try {
      const tag = tagOf?.(describe());
      if (tag === undefined) return {};
      // One that is refused: its rejection must not end the process.
      if (isPromise(tag)) Promise.resolve(tag).catch(() => {});
      checkTag(tag);
      return { tag };
    } catch (error) {
      external.report(error, "tag");
      return null;
    }
  }

  #candidates(hello: ClientHello, isTls13: boolean): Uint8Array[] {
    const proposed = isTls13
      ? hello.identities().filter((id) => id.length === SESSION_ID_BYTES)
      : [hello.sessionId()].filter((id) => id.length > 0);
    const { ids, maxLookupsPerHello } = this.#policy;
    const looked = proposed.length > 1
      ? distinct(proposed.slice(0, this.maxFinds))
      : proposed;
    const ours = looked.filter((id) => ids?.isOurs(id) ?? true);
    if (ours.length < looked.length) this.#failure = "id-not-ours";
    return ours.slice(0, maxLookupsPerHello);
  }

  #ask(id: Uint8Array): MaybePromise<void> {
    const { external } = this.#policy;
    const request = this.#wasTaken ? external.take(id) : external.get(id);
    const { answer } = request;
    if (!isPromise(answer)) return this.#pin(id, answer);
    this.#requests.add(request);
    return answer.then((lookup) => {
      this.#requests.delete(request);
      return this.#pin(id, lookup);
    });
  }

  #pin(id: Uint8Array, lookup: Lookup): MaybePromise<void> {
    const judged = this.#judge(lookup);
    const refusal = "record" in judged
      ? this.#revalidate(judged.record)
      : undefined;
    return isPromise(refusal)
      ? refusal.then((failure) => this.#keep(id, judged, failure))
      : this.#keep(id, judged, refusal);
  }

  /** Pins what is known of an id, unless nobody waits for it any more. */
  #keep(
    id: Uint8Array,
    lookup: Lookup,
    refusal: ResumptionFailure | undefined,
  ): void {
    const isRefused = refusal !== undefined || this.#isOver;
    if (isRefused && "record" in lookup) lookup.record.der.fill(0);
    if (this.#isOver) return;
    const known = refusal ? { failure: refusal } : lookup;
    if ("failure" in known) this.#failure ??= known.failure;
    this.#pinned.set(latin1(id), { id, lookup: known });
  }

  /** Asks whether a session may be resumed, if nothing else stands against it. */
  #revalidate(
    { der, expiresAt }: SessionRecord,
  ): MaybePromise<ResumptionFailure | undefined> {
    const { revalidate, maxAge } = this.#terms;
    if (revalidate === undefined) return undefined;
    const { libssl } = this.#openssl;
    let session: SSL_SESSION | null = null;
    try {
      session = libssl.d2i_SSL_SESSION(der);
      if (session === null) return undefined;
      const verdict = opensslInternals.get(this.#openssl).sessionAge.verdict(
        session,
        maxAge,
      );
      // For good: nobody is asked any more, if the clock should say else later.
      if (verdict !== "valid") return verdict;
      return expiresAt <= this.#openssl.now() ? "expired" : revalidate(session);
    } catch (error) {
      // The clock's: the handshake will end by it.
      this.#policy.external.report(error, "revalidate");
      return "revalidation-failed";
    } finally {
      libssl.SSL_SESSION_free(session);
    }
  }

  #judge(lookup: Lookup): Lookup {
    if ("failure" in lookup) return lookup;
    if (!areEqual(lookup.record.context, this.#terms.context)) {
      return { failure: "context-mismatch" };
    }
    // A copy: another connection may share the answer, and this one wipes it.
    const der = new Uint8Array(lookup.record.der);
    return { record: { ...lookup.record, der } };
  }
}

function wipeLookup(lookup: Lookup | undefined): void {
  if (lookup && "record" in lookup) lookup.record.der.fill(0);
}

function distinct(ids: Uint8Array[]): Uint8Array[] {
  return [...new Map(ids.map((id) => [latin1(id), id])).values()];
}
