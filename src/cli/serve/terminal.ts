/** How often the same sort of trouble is told of, at most, in ms. */
const TROUBLE_PERIOD = 5_000;

/**
 * What people see: lines on standard error, those for programs on standard output, and
 * below them one that is drawn anew, where standard error is a terminal.
 */
export class Terminal {
  /** Whether there is a line that is drawn anew. */
  readonly isLive: boolean;
  readonly #isQuiet: boolean;
  readonly #held = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #status = "";

  /** Quiet ones tell of trouble alone. */
  constructor(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
    this.isLive = !isQuiet && Deno.stderr.isTerminal();
  }

  /** A line for programs. */
  print(line: string): void {
    this.#around(() => console.log(line));
  }

  /** A line for people. */
  info(line: string): void {
    if (!this.#isQuiet) this.#around(() => console.error(line));
  }

  /** Trouble, of a sort that may come often: some of it is only counted. */
  trouble(sort: string, message: string): void {
    const held = this.#held.get(sort);
    if (held !== undefined) {
      this.#held.set(sort, held + 1);
      return;
    }
    this.#around(() => console.error(`${sort}: ${message}`));
    this.#held.set(sort, 0);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#release(sort);
    }, TROUBLE_PERIOD);
    this.#timers.add(timer);
  }

  /** Draws the line anew. */
  status(line: string): void {
    const { columns } = Deno.consoleSize();
    this.#erase();
    // One that wraps can't be erased.
    this.#status = line.slice(0, columns - 1);
    this.#draw();
  }

  /** Takes the line away, and tells what was held back. */
  end(): void {
    this.#erase();
    this.#status = "";
    for (const timer of this.#timers) clearTimeout(timer);
    for (const sort of this.#held.keys()) this.#release(sort);
  }

  #release(sort: string): void {
    const held = this.#held.get(sort) ?? 0;
    this.#held.delete(sort);
    if (held > 0) {
      this.#around(() => console.error(`${sort}: ${held} more`));
    }
  }

  #around(write: () => void): void {
    this.#erase();
    write();
    this.#draw();
  }

  #erase(): void {
    if (this.#status !== "") write("\r\x1b[K");
  }

  #draw(): void {
    if (this.#status !== "") write(this.#status);
  }
}

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
