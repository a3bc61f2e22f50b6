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
import { checkBoolean } from "../../internal/option_checks.ts";
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

/** A connection whose context is chosen by its hello. */
interface ServedConnection {
  /** The keys of its tickets, if the context that serves has its own. */
  readonly ticketKeys: TicketKeys | undefined;
}

/** Connections by their handle: OpenSSL asks the context that they began with. */
const connections = new WeakMap<SSL, ServedConnection>();

/** A context's `SSL_CTX`, configured, and the way of its callbacks to connections. */
export class ContextCore {
  /** The instance that the context runs in. */
  readonly openssl: OpenSSL;
  /** How sessions are made, kept and resumed. */
  readonly sessions: SessionSetup;
  /** What became of handshakes. */
  readonly counters: SessionCounters;
  /** What its sessions are bound to. */
  readonly binding: SessionBinding;
  /** How the names of servers match: `X509_CHECK_FLAG_*`. */
  readonly hostFlags: number;
  readonly #contextFor: CoreOptions["contextFor"];
  /** Whether its servers may ask clients for a certificate after the handshake. */
  readonly mayAsk: boolean;
  readonly #ctx: SSL_CTX;
  readonly #canServe: boolean;
  readonly #canVerify: boolean;
  /** What encrypts tickets, where that isn't OpenSSL's matter: given, or random when needed. */
  #ownKeys: TicketKeys | null = null;
  #isClosed = false;

  /** Makes and configures an `SSL_CTX`. */
  constructor(
    given: CoreOptions,
    counters: SessionCounters = new SessionCounters(),
  ) {
    this.counters = counters;
    const options = ownOptions(given, CONTEXT_OPTION_NAMES, {
      of: "TlsContext",
    });
    const { openssl = OpenSSL.default, contextFor } = options;
    if (contextFor !== undefined && typeof contextFor !== "function") {
      throw new TypeError(
        `options.contextFor must be a function, received ${typeof contextFor}`,
      );
    }
    if (!(openssl instanceof OpenSSL)) {
      throw new TypeError(
        `options.openssl must be an OpenSSL, received ${typeof openssl}`,
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
      setProtocol(libssl, ctx, options);
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

  /** Whether the server name decides which context serves. */
  get choosesByName(): boolean {
    return this.#contextFor !== undefined;
  }

  /** One of other options that goes on where this one ends, which is then closed. */
  replacedBy(options: CoreOptions): ContextCore {
    if (this.#isClosed) {
      throw new TypeError("Cannot update the context: it is closed");
    }
    const { libssl } = this.openssl;
    const next = new ContextCore(options, this.counters);
    if (this.#canServe && !next.#canServe) {
      next.close();
      throw new TypeError(
        "Cannot update the context: it would have no cert and key any more",
      );
    }
    // Without keys of the program's own, tickets are of OpenSSL's.
    const keys = libssl.SSL_CTX_get_tlsext_ticket_keys(this.#ctx);
    libssl.SSL_CTX_set_tlsext_ticket_keys(next.#ctx, keys);
    keys.fill(0);
    next.#ownKeys ??= this.#ownKeys;
    this.close();
    return next;
  }

  /** Gives back the `SSL_CTX`: connections that it has made live on. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    freeIfAlive(() => this.openssl.libssl.SSL_CTX_free(this.#ctx));
  }

  /**
   * A connection, owned.
   *
   * @throws {TypeError} If the context is closed, or lacks what the role needs.
   */
  connect(setup: ConnectionSetup): MachineConnection {
    this.#assertCanBe(setup.role);
    this.sessions.internalCache?.checkClock();
    if (!opensslInternals.get(this.openssl).memoryLimit.hasRoom) {
      throw new TlsError(
        "out-of-memory",
        "Cannot begin a connection: what is left of the instance's memory is for those that are open",
      );
    }
    return allocated(
      opensslInternals.get(this.openssl).machine.connect(this.#ctx, setup),
      "a connection",
    );
  }

  /** Has the ticket keys of a connection be those of the context that serves it. */
  attach(ssl: SSL, connection: ServedConnection): void {
    connections.set(ssl, connection);
  }

  /** The context that serves a server name: this one unless `contextFor` says so. */
  chooseFor(serverName: string | null): MaybePromise<ContextCore> {
    const answer = this.#contextFor?.(serverName);
    return isPromise(answer)
      ? Promise.resolve(answer).then((context) => this.#coreOf(context))
      : this.#coreOf(answer);
  }

  /** Makes a connection that another context has made one of this context, in all it decides. */
  adopt(ssl: SSL): void {
    opensslInternals.get(this.openssl).policy.adopt(ssl, this.#ctx);
  }

  #assertCanBe(role: "client" | "server"): void {
    if (this.#isClosed) {
      throw new TypeError("Cannot use the context: it is closed");
    }
    if (role === "server" && !this.#canServe && !this.choosesByName) {
      throw new TypeError(
        "Cannot be a server: the context has no cert and key",
      );
    }
    if (role === "client" && !this.#canVerify) {
      throw new TypeError(
        "Cannot be a client: the context has no caCerts to verify the server by, or an empty array of them",
      );
    }
  }

  #coreOf(context: object | undefined): ContextCore {
    if (context === undefined) return this;
    if (!contextCores.has(context)) {
      throw new TypeError(
        `contextFor must answer with a TlsContext or undefined, received ${typeof context}`,
      );
    }
    const core = contextCores.get(context);
    if (core.openssl !== this.openssl || core.#isClosed) {
      throw new TypeError(
        "contextFor must answer with an open context of the same OpenSSL instance",
      );
    }
    return core;
  }

  /** Tickets are a matter of the context that a connection began with: it asks the chosen one. */
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
