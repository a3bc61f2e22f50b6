/** What was computed last, by a text that it depends on: a bounded number of texts that aren't long. */
export class Recent<T> {
  readonly #values = new Map<string, T>();
  readonly #max: number;
  readonly #maxLength: number;

  /** At most `max` values, of texts of at most `maxLength` characters. */
  constructor(max: number, maxLength: number) {
    this.#max = max;
    this.#maxLength = maxLength;
  }

  /** The value for a text: computed by `compute`, unless it is known. */
  get(text: string, compute: () => T): T {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const value = compute();
    if (text.length <= this.#maxLength) this.#keep(text, value);
    return value;
  }

  #keep(text: string, value: T): void {
    this.#values.set(text, value);
    if (this.#values.size <= this.#max) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      return;
    }
  }
}
