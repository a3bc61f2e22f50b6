import type { ResumptionKind } from "../finding.ts";
import type { Secrets } from "./audit_session.ts";
import { ClientInstance } from "./client_instance.ts";
import { helloEnvironment } from "./hello_environment.ts";
import { sendHello } from "./hello/send_hello.ts";
import type { HelloAnswer, HelloOptions } from "./hello_types.ts";
import type { Target } from "./target.ts";
import { makeVisit } from "./make_visit.ts";
import type { VisitDefaults } from "./visit_settings.ts";
import type { Visit, VisitOptions } from "./visit_types.ts";

/** What the client of an audit is made of. */
export interface ClientParts {
  readonly target: Target;
  readonly defaults: VisitDefaults;
  /** What is sent by default on an open connection. */
  readonly request: Uint8Array;
  /** How long a connection may take in all, in milliseconds. */
  readonly timeout: number;
  /** After how many milliseconds of silence nothing more is expected. */
  readonly silence: number;
  /** The audit's clock. */
  readonly now: () => number;
  /** Ends connections. */
  readonly signal: AbortSignal;
}

/** The client of an audit: it makes its connections, and keeps what they have in common. */
export class AuditClient {
  readonly parts: ClientParts;
  /** The secrets of all sessions, until the audit ends. */
  readonly secrets: Secrets = new Set();
  /** The number of tickets that handshakes of TLS 1.3 bring, once that is known. */
  readonly expectedTickets = new Map<"full" | "resumed", number>();
  /** How many connections were made. */
  connections = 0;
  #instance: ClientInstance | null = null;

  /** Makes a client. It connects when it is asked to. */
  constructor(parts: ClientParts) {
    this.parts = parts;
  }

  /** The instance for visits without a seed. */
  get instance(): ClientInstance {
    return this.#instance ??= new ClientInstance(this.parts.now);
  }

  /** Makes a connection with a handshake by OpenSSL, and ends it. */
  visit(kind: ResumptionKind, options: VisitOptions): Promise<Visit> {
    this.connections++;
    return makeVisit(this, kind, options);
  }

  /** Sends a ClientHello of its own making. */
  hello(kind: ResumptionKind, options: HelloOptions): Promise<HelloAnswer> {
    this.connections++;
    return sendHello(options, helloEnvironment(this, kind));
  }

  /** Wipes the secrets and frees what is OpenSSL's. */
  dispose(): void {
    for (const bytes of this.secrets) bytes.fill(0);
    this.secrets.clear();
    this.#instance?.dispose();
    this.#instance = null;
  }
}
