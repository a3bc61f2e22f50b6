/** Why something has ended, for those who ask: the error is made only then. */
export interface EndReason {
  /** The error that reading, writing and waiting fail with. */
  readonly error: unknown;
}

/** The reason whose error `make` makes, once. */
export function lazyReason(make: () => unknown): EndReason {
  let made: EndReason | undefined;
  return {
    get error(): unknown {
      made ??= { error: make() };
      return made.error;
    },
  };
}
