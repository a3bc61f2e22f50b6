import type { AuditProgress, Finding } from "../../audit/mod.ts";
import { countText } from "../format.ts";
import type { Terminal } from "../terminal.ts";

/** Shows on standard error how far the audit of a server is. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #server: string;
  #bad = 0;
  #connections = 0;

  /** Shows the progress of a server. */
  constructor(terminal: Terminal, server: string) {
    this.#terminal = terminal;
    this.#server = server;
  }

  /** How many connections were made. */
  get connections(): number {
    return this.#connections;
  }

  /** Counts a finding. */
  add({ verdict }: Finding): void {
    if (verdict === "fail" || verdict === "warn") this.#bad++;
  }

  /** Takes note of the progress, and draws a status line if there is a terminal for it. */
  show({ probe, done, total, connections }: AuditProgress): void {
    this.#connections = connections;
    if (!this.#terminal.isLive) return;
    const bad = this.#bad === 0 ? "" : `, ${this.#bad} bad`;
    const at = probe ?? (done === 0 ? "survey" : "done");
    this.#terminal.status(
      `${this.#server}: ${done} of ${total}${bad}, ${
        countText(connections, "connection")
      }, ${at}`,
    );
  }
}
