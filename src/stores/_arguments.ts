/** Throws a `TypeError` unless `id` is bytes. */
export function checkId(id: Uint8Array): void {
  checkBytes("id", id);
}

/**
 * Checks the arguments of `set`, and returns the expiry in milliseconds since
 * the epoch: never NaN, which would compare as "not yet" for ever.
 */
export function checkSetArguments(
  id: Uint8Array,
  record: Uint8Array,
  expiresAt: Date,
): number {
  checkBytes("id", id);
  checkBytes("record", record);
  if (!(expiresAt instanceof Date)) {
    throw new TypeError(
      `Cannot store the session: expiresAt must be a Date, received ${
        describe(expiresAt)
      }`,
    );
  }
  const time = expiresAt.getTime();
  if (Number.isNaN(time)) {
    throw new RangeError(
      "Cannot store the session: expiresAt must be a valid date, received an invalid one",
    );
  }
  return time;
}

/** Returns the option `name` if it is a whole number of at least `least`. */
export function checkCount(name: string, value: number, least: number): number {
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot create the session store: ${name} must be a number, received ${
        describe(value)
      }`,
    );
  }
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `Cannot create the session store: ${name} must be a whole number of at least ${least}, received ${value}`,
    );
  }
  return value;
}

function checkBytes(name: string, value: unknown): void {
  if (value instanceof Uint8Array) return;
  throw new TypeError(
    `Cannot use the session store: ${name} must be a Uint8Array, received ${
      describe(value)
    }`,
  );
}

function describe(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object"
    ? value.constructor?.name ?? "an object"
    : typeof value;
}
