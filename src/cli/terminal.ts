/** After a warning, others on the same topic are counted for this long, in milliseconds. */
const WARNING_PERIOD = 5_000;

/** The columns of a terminal that doesn't say how many it has. */
const COLUMNS = 80;

/** Where the terminal writes to. */
export interface Screen {
  /** Whether standard error is a terminal, where a line can be redrawn. */
  readonly isTerminal: boolean;
  /** How many characters fit into a line of standard error. */
  columns(): number;
  /** Writes a line to standard output. */
  printLine(line: string): void;
  /** Writes a line to standard error. */
  printErrorLine(line: string): void;
  /** Writes text to standard error, at the cursor. */
  draw(text: string): void;
}

/**
 * The output of a command that goes on for some time: standard output for programs, standard
 * error for people, where a status line stands below all others if it is a terminal.
 */
export class Terminal {
  /** Whether there is a status line. */
  readonly isLive: boolean;
  readonly #isQuiet: boolean;
  readonly #screen: Screen;
  /** How many warnings were suppressed, by topic. */
  readonly #suppressed = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #status = "";
  #hasEnded = false;

  /** Only warnings and lines for programs are printed if `isQuiet`. */
  constructor(isQuiet: boolean, screen: Screen = CONSOLE) {
    this.#isQuiet = isQuiet;
    this.#screen = screen;
    this.isLive = !isQuiet && screen.isTerminal;
  }

  /** Prints a line for programs. */
  print(line: string): void {
    this.#aboveStatus(() => this.#screen.printLine(line));
  }

  /** Prints a line for people. */
  info(line: string): void {
    if (this.#isQuiet) return;
    this.#aboveStatus(() => this.#screen.printErrorLine(line));
  }

  /** Prints a warning. Further ones on the same topic are counted for a while. */
  warn(topic: string, message: string): void {
    const suppressed = this.#suppressed.get(topic);
    if (suppressed !== undefined) {
      this.#suppressed.set(topic, suppressed + 1);
      return;
    }
    this.#aboveStatus(() =>
      this.#screen.printErrorLine(`${topic}: ${message}`)
    );
    this.#suppressed.set(topic, 0);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#printSuppressed(topic);
    }, WARNING_PERIOD);
    this.#timers.add(timer);
  }

  /** Redraws the status line. Does nothing after {@linkcode end}. */
  status(line: string): void {
    if (this.#hasEnded) return;
    this.#erase();
    // A line that wraps can't be erased. A terminal without a size has 0 columns.
    this.#status = line.slice(0, (this.#screen.columns() || COLUMNS) - 1);
    this.#draw();
  }

  /** Removes the status line, and prints the counts of suppressed warnings. */
  end(): void {
    this.#hasEnded = true;
    this.#erase();
    this.#status = "";
    for (const timer of this.#timers) clearTimeout(timer);
    for (const topic of this.#suppressed.keys()) this.#printSuppressed(topic);
  }

  #printSuppressed(topic: string): void {
    const count = this.#suppressed.get(topic) ?? 0;
    this.#suppressed.delete(topic);
    if (count === 0) return;
    this.#aboveStatus(() =>
      this.#screen.printErrorLine(`${topic}: ${count} more`)
    );
  }

  #aboveStatus(write: () => void): void {
    this.#erase();
    write();
    this.#draw();
  }

  #erase(): void {
    if (this.#status !== "") this.#screen.draw("\r\x1b[K");
  }

  #draw(): void {
    if (this.#status !== "") this.#screen.draw(this.#status);
  }
}

const CONSOLE: Screen = {
  get isTerminal(): boolean {
    return Deno.stderr.isTerminal();
  },
  columns: () => Deno.consoleSize().columns,
  printLine: (line) => console.log(line),
  printErrorLine: (line) => console.error(line),
  draw: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
};
