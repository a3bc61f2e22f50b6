import { allocated } from "../tls/errors/openssl_error.ts";
import type { Trace } from "../testing/trace.ts";
import type { AuditClient } from "./client/audit_client.ts";
import type { HelloAnswer, HelloOptions } from "./client/hello_types.ts";
import type { ClientSession } from "./client/session.ts";
import { type Answered, isSilent } from "./client/time_limits.ts";
import { titleOf } from "./client/visit_settings.ts";
import type { Visit, VisitOptions } from "./client/visit_types.ts";
import type { Evidence, ResumptionKind } from "./finding.ts";
import { noSession } from "./no_session.ts";
import {
  NotApplicable,
  type Probing,
  type ServerChange,
  type Survey,
} from "./probe.ts";

/** The most connections that are shown of one finding: the first and the last ones. */
const MAX_EVIDENCE = 20;

const UNRESPONSIVE =
  "The server doesn't answer: several connections in a row failed";

/** What all steps of an audit have in common. */
export interface AuditSurroundings {
  readonly client: AuditClient;
  readonly survey: Survey;
  readonly names: readonly [string, ...string[]];
  readonly samples: number;
  readonly certificateExpiresAt: number | null;
  advance(ms: number): void;
  change(what: ServerChange): Promise<void>;
}

/** What one probe works with. It counts and keeps the connections that are made. */
export class StepProbing implements Probing {
  readonly kind: ResumptionKind;
  connections = 0;
  readonly #surroundings: AuditSurroundings;
  readonly #maxConnections: number;
  readonly #evidence: Evidence[] = [];
  /** What came of the sessions that were offered: how many weren't resumed, and was the last one. */
  #refusals = 0;
  #endsWithRefusal = false;
  #silentAt: string | null = null;

  /** Begins a step, which may make so many connections. */
  constructor(
    surroundings: AuditSurroundings,
    kind: ResumptionKind,
    maxConnections: number,
  ) {
    this.#surroundings = surroundings;
    this.kind = kind;
    this.#maxConnections = maxConnections;
  }

  /** Whether a session was offered that wasn't resumed. */
  get hasRefusals(): boolean {
    return this.#refusals > 0;
  }

  /**
   * Whether the last session that was offered wasn't resumed: for what the probe offered, or
   * because the server resumes nothing any more.
   */
  get endsWithRefusal(): boolean {
    return this.#endsWithRefusal;
  }

  /** The title of the first connection on which the server was silent; null if there was none. */
  get silentAt(): string | null {
    return this.#silentAt;
  }

  get evidence(): readonly Evidence[] {
    return [...this.#evidence];
  }

  get name(): string {
    return this.#surroundings.names[0];
  }

  get otherName(): string | null {
    return this.#surroundings.names[1] ?? null;
  }

  get nodes(): readonly string[] {
    return this.#client.state.parts.target.nodes;
  }

  get samples(): number {
    return this.#surroundings.samples;
  }

  get request(): Uint8Array {
    return this.#client.state.parts.request(this.name).slice();
  }

  get survey(): Survey {
    return this.#surroundings.survey;
  }

  get certificateExpiresAt(): number | null {
    return this.#surroundings.certificateExpiresAt;
  }

  async visit(options: VisitOptions = {}): Promise<Visit> {
    this.#count();
    const visit = await this.#client.visit(this.kind, options);
    const title = options.title ?? titleOf(options, this.kind);
    this.#keep(title, visit, options);
    return visit;
  }

  async session(options: VisitOptions = {}): Promise<ClientSession> {
    const visit = await this.visit(options);
    const session = visit.sessions.find(({ kind }) => kind === this.kind);
    if (session === undefined) throw noSession(visit);
    return session;
  }

  async hello(options: HelloOptions): Promise<HelloAnswer> {
    this.#count();
    const answer = await this.#client.hello(this.kind, options);
    this.#keep(options.title ?? "ClientHello", answer, options);
    return answer;
  }

  certificatesOf(name: string | null): ReadonlySet<string> {
    return this.#client.certificatesOf(name);
  }

  random(count: number): Uint8Array {
    const { libssl } = this.#client.state.instance;
    return allocated(libssl.RAND_bytes(count), "random bytes");
  }

  now(): number {
    return this.#client.state.parts.now();
  }

  advance(ms: number): Promise<void> {
    this.#surroundings.advance(ms);
    return Promise.resolve();
  }

  change(what: ServerChange): Promise<void> {
    return this.#surroundings.change(what);
  }

  notApplicable(reason: string): never {
    throw new NotApplicable(reason);
  }

  get #client(): AuditClient {
    return this.#surroundings.client;
  }

  #count(): void {
    const { limits } = this.#client.state;
    const reason = limits.stopReason ??
      (limits.isUnresponsive && this.connections > 0 ? UNRESPONSIVE : null);
    if (reason !== null) throw new Error(reason);
    if (this.connections === this.#maxConnections) {
      throw new Error(
        `The probe would make more than the ${this.#maxConnections} connections that it may make`,
      );
    }
    this.connections++;
  }

  #keep(
    title: string,
    shown: Answered & Pick<Visit, "resumed" | "trace">,
    { session }: { readonly session?: ClientSession },
  ): void {
    if (session !== undefined) {
      this.#endsWithRefusal = !shown.resumed;
      if (!shown.resumed) this.#refusals++;
    }
    if (isSilent(shown)) this.#silentAt ??= title;
    if (this.#evidence.length === MAX_EVIDENCE) {
      this.#evidence.splice(MAX_EVIDENCE / 2, 1);
    }
    this.#evidence.push({
      title,
      // It is made when it is looked at.
      get trace(): Trace {
        return shown.trace;
      },
    });
  }
}
