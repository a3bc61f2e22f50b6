/**
 * The inner objects of a class's instances, for other files of `src/` and not for users: the
 * class sets them in its constructor. A search for `Internals` finds every one of them.
 */
export class Internals<T> {
  readonly #className: string;
  readonly #inner = new WeakMap<object, T>();

  /** For the instances of the class `className`. */
  constructor(className: string) {
    this.#className = className;
  }

  /** Sets or replaces the inner object of an instance. */
  set(instance: object, inner: T): void {
    this.#inner.set(instance, inner);
  }

  /**
   * The inner object of an instance.
   *
   * @throws {TypeError} If `instance` is not an instance of the class.
   */
  get(instance: object): T {
    const inner = this.#inner.get(instance);
    if (inner === undefined) {
      throw new TypeError(`Expected an instance of ${this.#className}`);
    }
    return inner;
  }

  /** Whether a value is an instance of the class, in spite of any `Symbol.hasInstance`. */
  has(value: unknown): value is object {
    return typeof value === "object" && value !== null &&
      this.#inner.has(value);
  }
}
