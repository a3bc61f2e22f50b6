import type { Seed } from "../../testing/entropy.ts";
import type { Secrets } from "./audit_session.ts";
import { ClientInstance } from "./client_instance.ts";
import { TimeLimits } from "./time_limits.ts";
import type { Target } from "./target.ts";
import type { VisitDefaults } from "./visit_settings.ts";
import type { VisitOptions } from "./visit_types.ts";

/** What the client of an audit is made of. */
export interface ClientParts {
  readonly target: Target;
  readonly defaults: VisitDefaults;
  /** What is sent by default on an open connection to a name, in a protocol of ALPN. */
  readonly request: (name: string, protocol?: string) => Uint8Array;
  /** How long a connection may take in all, in milliseconds. */
  readonly timeout: number;
  /** After how many milliseconds of silence nothing more is expected. */
  readonly silence: number;
  /** Whether `silence` is the least, and grows with the time that the server's answers take. */
  readonly adapts: boolean;
  /** How long all connections may take, in milliseconds. */
  readonly maxDuration: number;
  /** The audit's clock. */
  readonly now: () => number;
  /** The seed of all randomness but that of visits with a seed of their own. */
  readonly seed: Seed | undefined;
  /** Ends connections. */
  readonly signal: AbortSignal;
}

/** What the connections of an audit's client have in common. */
export class ClientState {
  readonly parts: ClientParts;
  /** The secrets of all sessions, until the audit ends. */
  readonly secrets: Secrets = new Set();
  /** The number of tickets that handshakes of TLS 1.3 bring, once that is known. */
  readonly expectedTickets = new Map<"full" | "resumed", number>();
  /** The time limits of the audit. */
  readonly limits: TimeLimits;
  /** The groups of connections that don't say which; undefined for OpenSSL's own. */
  groups: string | undefined;
  /** Whether the server has answered a request. */
  hasAnswered = false;
  #instance: ClientInstance | null = null;

  /** Makes the state; an instance starts when it is needed. */
  constructor(parts: ClientParts) {
    this.parts = parts;
    this.limits = new TimeLimits(parts.maxDuration);
  }

  /** After how many milliseconds of silence nothing more is expected. */
  get silence(): number {
    const { silence, adapts } = this.parts;
    return adapts ? this.limits.silence(silence) : silence;
  }

  /** The instance for connections without a seed. */
  get instance(): ClientInstance {
    return this.#instance ??= new ClientInstance(
      this.parts.now,
      this.parts.seed,
    );
  }

  /** The options of a visit, with the groups that the server needs. */
  withGroups(options: VisitOptions): VisitOptions {
    const { groups = this.groups } = options;
    return groups === undefined ? options : { ...options, groups };
  }

  /** Wipes the secrets and frees what is OpenSSL's. */
  dispose(): void {
    for (const bytes of this.secrets) bytes.fill(0);
    this.secrets.clear();
    this.#instance?.dispose();
    this.#instance = null;
  }
}
