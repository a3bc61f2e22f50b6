import { Agent, type AgentOptions } from "node:https";
import type { Duplex } from "node:stream";
import type { SessionStore } from "../../stores/session_store.ts";
import { MemorySessionStore } from "../../stores/memory.ts";
import { nameOfFunction } from "../socket/client_sessions.ts";
import { checkSessions } from "../store_settings.ts";
import { connect, type ConnectionOptions } from "../mod.ts";

/** What {@linkcode HttpsAgent} takes: the options of `https.Agent`, and of its connections. */
export type HttpsAgentOptions = AgentOptions & ConnectionOptions;

/** How many sessions an agent keeps that has no store of the caller's. */
const MAX_SESSIONS = 100;

/**
 * An `https.Agent` whose connections use this package's TLS, for requests of `node:https` and
 * what is built on them. It resumes sessions: those of its `sessions`, which agents and
 * processes may share, or of a store of its own.
 */
export class HttpsAgent extends Agent {
  readonly #sessions: SessionStore;

  /**
   * An agent without connections.
   *
   * @param options Those of `https.Agent`, such as `keepAlive`, and of `tls.connect`, such as
   * `ca`, `cert`, `key` and `sessions`.
   * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, unless `sessions` is a store or missing.
   */
  constructor(options: HttpsAgentOptions = {}) {
    super(options);
    checkSessions(options.sessions);
    this.#sessions = options.sessions ??
      new MemorySessionStore({ maxEntries: MAX_SESSIONS });
  }

  /** The key of idle connections: that of `https.Agent`, and how the server is verified. */
  override getName(options?: HttpsAgentOptions): string {
    const { checkServerIdentity: check, allowPartialTrustChain = false } =
      options ?? {};
    const name = super.getName(options);
    return `${name}:${
      check ? nameOfFunction(check) : ""
    }:${allowPartialTrustChain}`;
  }

  /** Called for a request that needs a new connection. */
  override createConnection(options: object): Duplex {
    return connect({
      ALPNProtocols: ["http/1.1"],
      sessions: this.#sessions,
      ...options,
    });
  }
}
