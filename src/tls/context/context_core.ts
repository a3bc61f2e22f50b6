import { freeIfAlive } from "../../ffi/free_if_alive.ts";
import { TlsError } from "../../internal/tls_error.ts";
import type { SSL, SSL_CTX } from "../../libssl/handles.ts";
import type { MachineConnection } from "../../libssl/machine_connection.ts";
import type { ConnectionSetup } from "../../libssl/machine_types.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import { opensslInternals } from "../../libssl/openssl_internals.ts";
import { isPromise } from "../../internal/maybe_promise.ts";
import type { MaybePromise } from "../../stores/session_store.ts";
import { configure } from "./configure.ts";
import { CONTEXT_OPTION_NAMES, type CoreOptions } from "./context_options.ts";
import { setProtocol } from "./protocol.ts";
import { setCertificates } from "./credentials.ts";
import { hostFlags } from "../peer/host_check.ts";
import { allocated } from "../errors/openssl_error.ts";
import { checkBoolean, checkFunction } from "../../internal/option_checks.ts";
import { optionTypeError } from "../../internal/option_error.ts";
import { received } from "../../internal/received.ts";
import { Internals } from "../../internal/internals.ts";
import { ownOptions } from "../../internal/own_options.ts";
import { SessionBinding } from "./session_binding.ts";
import { SessionCounters } from "../sessions/session_stats.ts";
import { type SessionSetup, setSessions } from "../sessions/session_setup.ts";
import {
  randomTicketKeys,
  setTicketKeys,
  type TicketKeys,
} from "../sessions/ticket_keys.ts";
import { setTrust, verifyMode } from "./trust.ts";

/** The core of each `TlsContext`; an update replaces it. */
export const contextCores = new Internals<ContextCore>("TlsContext");

/** A connection of a context with `contextFor`. */
interface ServedConnection {
  /** The `ticketKeys` of the context that serves it. */
  readonly ticketKeys: TicketKeys | undefined;
}

/** OpenSSL asks the context that a connection was made from for its ticket keys. */
const connections = new WeakMap<SSL, ServedConnection>();

/** The `SSL_CTX` of a `TlsContext`, and its connections. */
export class ContextCore {
  /** The OpenSSL instance of the context. */
  readonly openssl: OpenSSL;
  /** How sessions are made, stored and resumed. */
  readonly sessions: SessionSetup;
  /** Counts of handshakes and of calls of the store. */
  readonly counters: SessionCounters;
  /** What its sessions are bound to. */
  readonly binding: SessionBinding;
  /** The `X509_CHECK_FLAG_*` by which clients compare host names. */
  readonly hostFlags: number;
  readonly #contextFor: CoreOptions["contextFor"];
  /** Whether its servers may request a certificate after the handshake. */
  readonly mayAsk: boolean;
  readonly #ctx: SSL_CTX;
  readonly #canServe: boolean;
  readonly #canVerify: boolean;
  /** The ticket keys, if OpenSSL doesn't choose them: given, or random. */
  #ownKeys: TicketKeys | null = null;
  #isClosed = false;

  /** Creates and configures an `SSL_CTX`. */
  constructor(
    given: CoreOptions,
    counters: SessionCounters = new SessionCounters(),
  ) {
    this.counters = counters;
    const options = ownOptions(given, CONTEXT_OPTION_NAMES, {
      of: "TlsContext",
    });
    const { openssl = OpenSSL.default, contextFor } = options;
    checkFunction(contextFor, "contextFor");
    if (!(openssl instanceof OpenSSL)) {
      throw optionTypeError(
        "openssl",
        `must be an OpenSSL, received ${received(openssl)}`,
      );
    }
    this.openssl = openssl;
    this.#contextFor = contextFor;
    this.hostFlags = hostFlags(options.allowCommonName ?? false);
    const { libssl } = openssl;
    libssl.ERR_clear_error();
    const ctx = allocated(libssl.SSL_CTX_new(libssl.TLS_method()), "a context");
    this.#ctx = ctx;
    try {
      const chains = setCertificates(libssl, ctx, options);
      const trusted = setTrust(libssl, ctx, options);
      this.#canServe = chains.length > 0;
      this.#canVerify = trusted.authorities.length > 0;
      setProtocol(openssl, ctx, options);
      this.sessions = setSessions(openssl, ctx, options, this.counters);
      opensslInternals.get(openssl).machine.serve(ctx);
      this.#setTicketKeys();
      libssl.SSL_CTX_set_verify(ctx, verifyMode(options.clientAuth), null);
      checkBoolean(options.postHandshakeAuth, "postHandshakeAuth");
      if (options.postHandshakeAuth) {
        libssl.SSL_CTX_set_post_handshake_auth(ctx, 1);
      }
      configure(libssl, ctx, options.configure ?? []);
      this.binding = new SessionBinding(openssl, ctx, options, {
        chains,
        ...trusted,
      });
      this.mayAsk = this.#canVerify && options.postHandshakeAuth === true;
      libssl.SSL_CTX_set_session_id_context(
        ctx,
        this.binding.sessionIdContext(null, false),
      );
    } catch (error) {
      libssl.SSL_CTX_free(ctx);
      throw error;
    }
  }

  /** Whether it has `contextFor`. */
  get choosesByName(): boolean {
    return this.#contextFor !== undefined;
  }

  /** Creates a context of other options in place of this one, and closes this one. */
  replacedBy(options: CoreOptions): ContextCore {
    if (this.#isClosed) {
      throw new TypeError("Cannot update the context: it is closed");
    }
    const next = new ContextCore(options, this.counters);
    if (this.#canServe && !next.#canServe) {
      next.close();
      throw new TypeError(
        "Cannot update the context: without cert and key it can't serve",
      );
    }
    next.takeTicketKeys(this);
    this.close();
    return next;
  }

  /** Takes the ticket keys of another context, unless it has keys of its own. */
  takeTicketKeys(other: ContextCore): void {
    const { libssl } = this.openssl;
    // Those that OpenSSL chose.
    const keys = libssl.SSL_CTX_get_tlsext_ticket_keys(other.#ctx);
    libssl.SSL_CTX_set_tlsext_ticket_keys(this.#ctx, keys);
    keys.fill(0);
    this.#ownKeys ??= other.#ownKeys;
  }

  /** Frees the `SSL_CTX`, unless connections have it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    freeIfAlive(() => this.openssl.libssl.SSL_CTX_free(this.#ctx));
  }

  /**
   * Creates a connection, owned.
   *
   * @throws {TypeError} If the context is closed, or lacks what the role needs.
   */
  connect(setup: ConnectionSetup): MachineConnection {
    this.#assertCanBe(setup.role);
    this.sessions.internalCache?.checkClock();
    if (!opensslInternals.get(this.openssl).memoryLimit.hasRoom) {
      throw new TlsError(
        "out-of-memory",
        "Cannot create a connection: the instance has reached its maxMemory",
      );
    }
    return allocated(
      opensslInternals.get(this.openssl).machine.connect(this.#ctx, setup),
      "a connection",
    );
  }

  /** Has the tickets of `ssl` encrypted by the keys of the context that serves it. */
  attach(ssl: SSL, connection: ServedConnection): void {
    connections.set(ssl, connection);
  }

  /** The context that serves a server name, as `contextFor` chooses. */
  chooseFor(serverName: string | null): MaybePromise<ContextCore> {
    const answer = this.#contextFor?.(serverName);
    return isPromise(answer)
      ? Promise.resolve(answer).then((context) => this.#coreOf(context))
      : this.#coreOf(answer);
  }

  /** Gives a connection of another context all settings of this one. */
  adopt(ssl: SSL): void {
    opensslInternals.get(this.openssl).policy.adopt(ssl, this.#ctx);
  }

  #assertCanBe(role: "client" | "server"): void {
    if (this.#isClosed) {
      throw new TypeError("Cannot use the context: it is closed");
    }
    if (role === "server" && !this.#canServe && !this.choosesByName) {
      throw new TypeError(
        "Cannot create a server: it needs cert and key, certificates, pfx or contextFor",
      );
    }
    if (role === "client" && !this.#canVerify) {
      throw new TypeError(
        "Cannot create a client: it needs caCerts to verify the server by",
      );
    }
  }

  #coreOf(context: object | undefined): ContextCore {
    if (context === undefined) return this;
    if (!contextCores.has(context)) {
      throw new TypeError(
        `contextFor must return a TlsContext or undefined, received ${typeof context}`,
      );
    }
    const core = contextCores.get(context);
    if (core.openssl !== this.openssl || core.#isClosed) {
      throw new TypeError(
        "contextFor must return an open context of the same OpenSSL instance",
      );
    }
    return core;
  }

  /** A connection asks the context that it was made from, not the one that serves it. */
  #setTicketKeys(): void {
    const { ticketKeys } = this.sessions;
    if (ticketKeys === undefined && !this.choosesByName) return;
    this.#ownKeys = ticketKeys ?? null;
    setTicketKeys(
      this.openssl.libssl,
      this.#ctx,
      (ssl) =>
        connections.get(ssl)?.ticketKeys ??
          (this.#ownKeys ??= randomTicketKeys(this.openssl)),
    );
  }
}
