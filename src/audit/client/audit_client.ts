import type { ResumptionKind } from "../finding.ts";
import { type ClientParts, ClientState } from "./client_state.ts";
import { helloEnvironment } from "./hello_environment.ts";
import { sendHello } from "./hello/send_hello.ts";
import type { HelloAnswer, HelloOptions } from "./hello_types.ts";
import { makeVisit } from "./make_visit.ts";
import type { Visit, VisitOptions } from "./visit_types.ts";

/** The client of an audit, which makes its connections. */
export class AuditClient {
  /** What they have in common. */
  readonly state: ClientState;
  /** How many were made. */
  connections = 0;
  readonly #certificates = new Map<string | null, Set<string>>();

  /** Makes a client. It connects when it is asked to. */
  constructor(parts: ClientParts) {
    this.state = new ClientState(parts);
  }

  /** The certificates that were shown to clients that asked for a name, or for none. */
  certificatesOf(name: string | null): ReadonlySet<string> {
    return this.#certificates.get(name) ?? new Set();
  }

  /** Makes a connection with a handshake by OpenSSL, and ends it. */
  async visit(kind: ResumptionKind, options: VisitOptions): Promise<Visit> {
    this.connections++;
    const visit = await this.state.limits.watch(() =>
      makeVisit(this.state, kind, options)
    );
    const { name = this.state.parts.defaults.name } = options;
    const shown = this.#certificates.get(name) ?? new Set();
    this.#certificates.set(name, shown);
    if (visit.certificate !== null) shown.add(visit.certificate);
    return visit;
  }

  /** Sends a ClientHello of its own making. */
  hello(kind: ResumptionKind, options: HelloOptions): Promise<HelloAnswer> {
    this.connections++;
    return this.state.limits.watch(() =>
      sendHello(options, helloEnvironment(this.state, kind))
    );
  }
}
