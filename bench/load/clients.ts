/**
 * The processes of the clients, which run clients.mjs on Node.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Target } from "./options.ts";
import { linesOf } from "./lines.ts";

/** What all clients do. */
export interface ClientSettings {
  targets: Target[];
  version: "TLSv1.2" | "TLSv1.3";
  /** How many connect at a time. */
  clients: number;
  /** Sent after each handshake. */
  request: string;
  /** Whether the answer must be one of HTTP, and a good one. */
  isHttp: boolean;
  /** Whether a client ends its side with its request. */
  end: boolean;
  /** How long a handshake or an answer may take, in ms. */
  timeout: number;
  /** The file of the certificates to trust, in place of Node's. */
  ca: string | undefined;
  /** Whether any certificate will do. */
  insecure: boolean;
}

/** A handshake, a whole exchange, and whether it resumed; all in ms, null for what wasn't. */
export type Sample = [
  /** Since the command began. */
  at: number,
  handshakeMs: number | null,
  exchangeMs: number | null,
  isResumed: 0 | 1,
];

/** What happened since the report before. */
export interface Report {
  /** Milliseconds since the command began. */
  at: number;
  samples: Sample[];
  errors: Record<string, number>;
  /** Whether the command is done. */
  done?: true;
  /** Processor time that the command took, when it is done. */
  cpuMs?: number;
}

/** What {@linkcode Clients} can be told to do. */
export type Command =
  | { command: "load"; seconds: number; isResuming: boolean }
  | { command: "open"; count: number }
  | { command: "ask" };

const PROGRAM = fileURLToPath(new URL("clients.mjs", import.meta.url));

/** Some processes of clients, ended when disposed of. */
export class Clients implements AsyncDisposable {
  readonly #processes: ClientProcess[];

  constructor(settings: ClientSettings, processes: number) {
    const shares = split(settings.clients, processes);
    this.#processes = shares.map((clients, i) => {
      const firstClient = shares.slice(0, i).reduce((sum, n) => sum + n, 0);
      return new ClientProcess({ ...settings, clients, firstClient });
    });
  }

  /** The processes' ids. */
  get pids(): number[] {
    return this.#processes.map(({ pid }) => pid);
  }

  /** Resolves when all have done it, and have reported what happened. */
  async run(
    command: Command,
    onReport: (report: Report) => void,
  ): Promise<void> {
    const counts = command.command === "open"
      ? split(command.count, this.#processes.length)
      : [];
    await Promise.all(
      this.#processes.map((process, i) =>
        process.run({ ...command, count: counts[i] }, onReport)
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.end()));
  }
}

class ClientProcess {
  readonly #child: Deno.ChildProcess;
  readonly #reports: AsyncGenerator<string>;
  readonly #commands: WritableStreamDefaultWriter<Uint8Array>;

  constructor(settings: ClientSettings & { firstClient: number }) {
    this.#child = new Deno.Command("node", {
      args: [PROGRAM, JSON.stringify(settings)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#reports = linesOf(this.#child.stdout);
    this.#commands = this.#child.stdin.getWriter();
  }

  get pid(): number {
    return this.#child.pid;
  }

  async run(
    command: Record<string, unknown>,
    onReport: (report: Report) => void,
  ): Promise<void> {
    const line = JSON.stringify(command) + "\n";
    await this.#commands.write(new TextEncoder().encode(line));
    for (;;) {
      const { value, done } = await this.#reports.next();
      if (done) throw new Error("A process of the clients has ended too early");
      const report: Report = JSON.parse(value);
      onReport(report);
      if (report.done) return;
    }
  }

  async end(): Promise<void> {
    // It ends with its input; one that has ended already takes none.
    await this.#commands.close().catch(() => {});
    await this.#reports.return(undefined);
    await this.#child.status;
  }
}

/** A number as a sum of so many that are as equal as can be. */
function split(total: number, parts: number): number[] {
  return Array.from(
    { length: parts },
    (_, i) =>
      Math.floor(total * (i + 1) / parts) - Math.floor(total * i / parts),
  );
}
