import { checkTag } from "../../internal/session_arguments.ts";
import { latin1 } from "../../internal/bytes.ts";
import { isPromise, type MaybePromise } from "../../internal/maybe_promise.ts";
import type {
  ClientHello,
  FoundSession,
  NewSession,
} from "../../libssl/machine_types.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import type { RemovalReason } from "../../stores/session_store.ts";
import type { TlsPeersInfo } from "../peer/connection_info.ts";
import type { ResumptionFailure } from "./resumption.ts";
import type { ServerSessionSettings } from "./server_session_settings.ts";
import {
  maxIdentities,
  type SessionConditions,
  SessionLookups,
} from "./session_lookups.ts";
import { encodeSessionRecord } from "./session_record.ts";

/** A session that was given to the client. */
interface GivenSession {
  /** Each byte a character: an idle connection keeps it, and bytes would take five times as much. */
  readonly id: string;
  /** Resolves when the store has finished its write; no promise if it has. */
  readonly ended: MaybePromise<void>;
}

/** The sessions of one server connection: those that were looked up, and new ones. */
export class ServerSessions {
  readonly #openssl: OpenSSL;
  readonly #settings: ServerSessionSettings;
  readonly #conditions: SessionConditions;
  /** The look-ups of the handshake that is under way. */
  #lookups: SessionLookups | undefined;
  #given: GivenSession[] | undefined;
  #served: Uint8Array | undefined;

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

  /** The most sessions that OpenSSL may ask for in one hello. */
  get maxFinds(): number {
    return maxIdentities(this.#settings);
  }

  /** Whether OpenSSL was given a session. */
  get hasServed(): boolean {
    return this.#served !== undefined;
  }

  /** Why no session was found, if that is known. */
  get failure(): ResumptionFailure | undefined {
    return this.#lookups?.failure;
  }

  /** {@linkcode SessionLookups.begin}. */
  lookUp(hello: ClientHello, isTls13: boolean): Promise<void> | undefined {
    this.#lookups ??= new SessionLookups(
      this.#openssl,
      this.#settings,
      this.#conditions,
    );
    return this.#lookups.begin(hello, isTls13);
  }

  /** The session of an id, each byte a character, if the store has it. */
  find(id: string): FoundSession | undefined {
    const found = this.#lookups?.find(id);
    if (found === undefined) return undefined;
    this.#served = found.id;
    const { der, expiresAt } = found.record;
    return { der, expiresAt, wasTaken: this.#operation === "take" };
  }

  /** The session that was found last can't be resumed. */
  refuse(failure: ResumptionFailure): void {
    const id = this.#served;
    this.#served = undefined;
    if (id === undefined) return;
    this.#lookups?.refuse(id, failure);
    if (failure === "malformed-record") {
      this.#reportLookup("The store returned another session");
    }
  }

  /**
   * Stores a new session.
   *
   * @returns A promise if the flight that gives it to the client has to wait.
   */
  put(
    { id, der, time, timeout }: NewSession,
    describe: () => TlsPeersInfo,
  ): Promise<void> | undefined {
    const tagged = this.#tag(describe);
    if (tagged === null) return undefined;
    const expiresAt = new Date((time + timeout) * 1000);
    // The lifetime is 0, for example because the client's certificate has expired.
    const isOver = expiresAt.getTime() <= this.#openssl.now();
    if (isOver || id.length === 0) return undefined;
    const record = encodeSessionRecord({
      expiresAt: expiresAt.getTime(),
      context: this.#conditions.context,
      der,
    });
    const { answer, ended } = this.#settings.store.set(id, record, {
      expiresAt,
      ...tagged,
    });
    this.#give(id, ended);
    return isPromise(answer) && this.#settings.holdsFlight ? answer : undefined;
  }

  /** A renegotiation begins: the session that was resumed is invalidated with the others. */
  restart(): void {
    this.#lookups?.restart();
    if (this.#served) this.#give(this.#served, undefined);
    this.#served = undefined;
  }

  /** Deletes the sessions that were given to the client, and the one that was resumed. */
  invalidate(reason: RemovalReason): void {
    const { store } = this.#settings;
    if (this.#served) store.delete(this.#served, reason);
    for (const { id: text, ended } of this.#given ?? []) {
      const id = Uint8Array.from(text, (char) => char.charCodeAt(0));
      // A write that ends after the deletion would undo it.
      if (isPromise(ended)) ended.then(() => store.delete(id, reason));
      else store.delete(id, reason);
    }
    this.#given = undefined;
    this.#served = undefined;
  }

  /**
   * The handshake failed: deletes the session that was passed to OpenSSL. It may be the cause,
   * and would fail its client's handshakes until it expires. Only with `sessionIdKey`: without
   * it, a client could have sessions deleted by guessing ids. A client that has seen an id can
   * still do so, which costs the session's owner one full handshake.
   */
  deleteServed(): void {
    const { store, ids } = this.#settings;
    if (this.#served === undefined || ids === undefined) return;
    this.#reportLookup("The store's session failed the handshake");
    if (this.#operation === "get") store.delete(this.#served, "fatal");
    this.#served = undefined;
  }

  /** Wipes the sessions that were found. */
  clearLookups(): void {
    this.#lookups?.clear();
  }

  /** The handshake is done: drops the look-ups. */
  conclude(): void {
    this.clearLookups();
    this.#lookups = undefined;
  }

  /** The connection is over. */
  abandon(): void {
    this.#lookups?.abandon();
  }

  get #operation(): "get" | "take" {
    return this.#lookups?.operation ?? "get";
  }

  #give(id: Uint8Array, ended: MaybePromise<void>): void {
    this.#given ??= [];
    this.#given.push({ id: latin1(id), ended });
  }

  #reportLookup(message: string): void {
    this.#settings.store.report(new TypeError(message), this.#operation);
  }

  /** The tag of new sessions; `null` if it fails: they could not be revoked. */
  #tag(describe: () => TlsPeersInfo): { tag?: string } | null {
    const { store, tag: tagOf } = this.#settings;
    try {
      const tag = tagOf?.(describe());
      if (tag === undefined) return {};
      // A promise is refused below, and its rejection must not end the process.
      if (isPromise(tag)) Promise.resolve(tag).catch(() => {});
      checkTag(tag);
      return { tag };
    } catch (error) {
      store.report(error, "tag");
      return null;
    }
  }
}
