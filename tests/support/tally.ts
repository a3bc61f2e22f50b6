/** Counts what becomes of trials that are no tests of `deno test`. */
export class Tally {
  static readonly #isCi = Deno.env.get("CI") === "true";
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  /** Counts a trial. */
  add(hasPassed: boolean): void {
    if (hasPassed) this.#passed++;
    else this.#failed++;
  }

  /** Says what isn't tried, and what it takes. Where the variable `CI` is `true` it has failed. */
  skip(what: string, remedy: string): void {
    const isFailure = Tally.#isCi;
    if (isFailure) this.#failed++;
    else this.#skipped++;
    console.log(
      `${isFailure ? "FAILED" : "SKIPPED"}: ${what}: missing (${remedy})`,
    );
  }

  /** Prints the last line, and ends the process: with exit code 1 if anything has failed. */
  end(): never {
    console.log(
      `${this.#passed} passed, ${this.#failed} failed` +
        (this.#skipped ? `, ${this.#skipped} skipped` : ""),
    );
    Deno.exit(this.#failed > 0 ? 1 : 0);
  }
}
