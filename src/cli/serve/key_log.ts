/** A file of keys that grows by a line at a time, and that only its owner can read. */
export class KeyLog {
  readonly #file: Deno.FsFile;

  /** Opens the file, or makes it. */
  constructor(path: string) {
    this.#file = Deno.openSync(path, {
      append: true,
      create: true,
      mode: 0o600,
    });
  }

  /** Appends a line in one piece: other threads write to the file, too. */
  write(line: string): void {
    this.#file.writeSync(new TextEncoder().encode(`${line}\n`));
  }

  /** Closes the file. */
  close(): void {
    this.#file.close();
  }
}
