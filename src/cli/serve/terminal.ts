/** How often the same sort of trouble is told of, at most, in ms. */
const TROUBLE_PERIOD = 5_000;

/** Where text goes. */
export interface Screen {
  /** Whether people see on standard error how a line is drawn anew. */
  readonly isTerminal: boolean;
  /** How many characters fit into a line there. */
  columns(): number;
  /** A line on standard output. */
  print(line: string): void;
  /** A line on standard error. */
  tell(line: string): void;
  /** Text on standard error, where the cursor is. */
  draw(text: string): void;
}

/**
 * What people see: lines on standard error, those for programs on standard output, and
 * below them one that is drawn anew, where standard error is a terminal.
 */
export class Terminal {
  /** Whether there is a line that is drawn anew. */
  readonly isLive: boolean;
  readonly #isQuiet: boolean;
  readonly #screen: Screen;
  readonly #held = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #status = "";
  #isOver = false;

  /** Quiet ones tell of trouble alone. */
  constructor(isQuiet: boolean, screen: Screen = CONSOLE) {
    this.#isQuiet = isQuiet;
    this.#screen = screen;
    this.isLive = !isQuiet && screen.isTerminal;
  }

  /** A line for programs. */
  print(line: string): void {
    this.#around(() => this.#screen.print(line));
  }

  /** A line for people. */
  info(line: string): void {
    if (!this.#isQuiet) this.#around(() => this.#screen.tell(line));
  }

  /** Trouble, of a sort that may come often: some of it is only counted. */
  trouble(sort: string, message: string): void {
    const held = this.#held.get(sort);
    if (held !== undefined) {
      this.#held.set(sort, held + 1);
      return;
    }
    this.#around(() => this.#screen.tell(`${sort}: ${message}`));
    this.#held.set(sort, 0);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#release(sort);
    }, TROUBLE_PERIOD);
    this.#timers.add(timer);
  }

  /** Draws the line anew, until the end. */
  status(line: string): void {
    if (this.#isOver) return;
    this.#erase();
    // One that wraps can't be erased.
    this.#status = line.slice(0, this.#screen.columns() - 1);
    this.#draw();
  }

  /** Takes the line away, and tells what was held back. */
  end(): void {
    this.#isOver = true;
    this.#erase();
    this.#status = "";
    for (const timer of this.#timers) clearTimeout(timer);
    for (const sort of this.#held.keys()) this.#release(sort);
  }

  #release(sort: string): void {
    const held = this.#held.get(sort) ?? 0;
    this.#held.delete(sort);
    if (held > 0) {
      this.#around(() => this.#screen.tell(`${sort}: ${held} more`));
    }
  }

  #around(write: () => void): void {
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
  print: (line) => console.log(line),
  tell: (line) => console.error(line),
  draw: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
};
