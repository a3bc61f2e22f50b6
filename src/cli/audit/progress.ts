import type { AuditProgress, Finding } from "../../audit/mod.ts";
import { countText } from "../format.ts";
import type { Terminal } from "../terminal.ts";

/** Shows on standard error how far the audits of some servers are. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #servers: number;
  #ended = 0;
  #bad = 0;
  #connections = 0;

  /** Shows the progress of a number of servers. */
  constructor(terminal: Terminal, servers: number) {
    this.#terminal = terminal;
    this.#servers = servers;
  }

  /** The progress of one of the servers. */
  of(server: string): ServerProgress {
    return new ServerProgress(server, {
      made: (connections) => void (this.#connections += connections),
      found: () => void this.#bad++,
      ended: () => void this.#ended++,
      show: (text) => this.#show(text),
    });
  }

  #show(text: string): void {
    if (!this.#terminal.isLive) return;
    const bad = this.#bad === 0 ? "" : `, ${this.#bad} bad`;
    const counts = `${countText(this.#connections, "connection")}${bad}`;
    const servers = this.#servers === 1
      ? ""
      : `${this.#ended} of ${this.#servers} servers, `;
    this.#terminal.status(`${servers}${counts}; ${text}`);
  }
}

/** What the progress of a server does to that of all. */
interface ProgressOfAll {
  made(connections: number): void;
  found(): void;
  ended(): void;
  show(text: string): void;
}

/** How far the audit of one server is. */
export class ServerProgress {
  readonly #server: string;
  readonly #all: ProgressOfAll;
  #connections = 0;

  /** {@linkcode Progress.of} makes them. */
  constructor(server: string, all: ProgressOfAll) {
    this.#server = server;
    this.#all = all;
  }

  /** How many connections were made. */
  get connections(): number {
    return this.#connections;
  }

  /** Counts a finding. */
  add({ verdict }: Finding): void {
    if (verdict === "fail" || verdict === "warn") this.#all.found();
  }

  /** Counts the server among those that are done. */
  end(): void {
    this.#all.ended();
  }

  /** Takes note of the progress, and draws a status line if there is a terminal for it. */
  show({ probe, done, total, connections }: AuditProgress): void {
    this.#all.made(connections - this.#connections);
    this.#connections = connections;
    const at = probe ?? (done === 0 ? "survey" : "done");
    this.#all.show(`${this.#server}: ${done} of ${total}, ${at}`);
  }
}
