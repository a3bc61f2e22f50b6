import type { AuditProgress, Finding } from "../../audit/mod.ts";
import type { Terminal } from "../terminal.ts";

/** Shows on standard error how far the audit of a server is. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #server: string;
  #bad = 0;

  /** Shows the progress of a server. */
  constructor(terminal: Terminal, server: string) {
    this.#terminal = terminal;
    this.#server = server;
  }

  /** Counts a finding. */
  add({ verdict }: Finding): void {
    if (verdict === "fail" || verdict === "warn") this.#bad++;
  }

  /** Draws a status line, if there is a terminal for it. */
  show({ probe, done, total, connections }: AuditProgress): void {
    if (!this.#terminal.isLive) return;
    const bad = this.#bad === 0 ? "" : `, ${this.#bad} bad`;
    this.#terminal.status(
      `${this.#server}: ${done} of ${total}${bad}, ${connections} connections, ${
        probe ?? "survey"
      }`,
    );
  }
}
