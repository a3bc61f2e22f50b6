import { openOwnFile } from "./own_file.ts";
import { unusable } from "./unusable.ts";

/** A file of keys that grows by a line at a time, and that only its owner can read. */
export class KeyLog {
  readonly #file: Deno.FsFile;
  readonly #onError: (error: unknown) => void;

  /** Opens the file, or makes it. Throws if it can't. */
  constructor(path: string, onError: (error: unknown) => void) {
    this.#onError = onError;
    try {
      this.#file = openOwnFile(path, { append: true });
    } catch (error) {
      throw unusable(`write --keylog ${path}`, error);
    }
  }

  /**
   * Appends a line in one piece: other threads write to the file, too. A disk that is full
   * is no reason to turn clients away.
   */
  write(line: string): void {
    try {
      this.#file.writeSync(new TextEncoder().encode(`${line}\n`));
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Closes the file. */
  close(): void {
    this.#file.close();
  }
}
