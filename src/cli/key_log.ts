import { openOutputFile } from "./files.ts";
import { usageError } from "./usage_error.ts";

/** A key log file (`SSLKEYLOGFILE` format) that only its owner can read. */
export class KeyLog {
  readonly #file: Deno.FsFile;
  readonly #onError: (error: unknown) => void;

  /**
   * Opens the file, and creates it if it doesn't exist.
   *
   * @throws {UsageError} If the file can't be opened.
   */
  constructor(path: string, onError: (error: unknown) => void) {
    this.#onError = onError;
    try {
      this.#file = openOutputFile(path, { append: true });
    } catch (error) {
      throw usageError(`write --keylog ${path}`, error);
    }
  }

  /**
   * Appends a line in one call, as other threads append to the same file. A failure, such as
   * a full disk, is reported and doesn't fail the connection.
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
