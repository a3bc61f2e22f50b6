/** Why a connection has ended. */
export interface EndReason {
  /** The error that reading, writing and waiting fail with. */
  readonly error: unknown;
}

/** A reason whose error is made when somebody asks for it, once. */
export class LazyReason implements EndReason {
  readonly #make: () => unknown;
  #made: EndReason | undefined;

  /** The reason whose error `make` makes. */
  constructor(make: () => unknown) {
    this.#make = make;
  }

  get error(): unknown {
    this.#made ??= { error: this.#make() };
    return this.#made.error;
  }
}
