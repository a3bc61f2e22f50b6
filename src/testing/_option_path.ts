import { received } from "../internal/received.ts";
import { checkNames } from "../internal/own_options.ts";

/** Has what fails name its options by their path, such as `options.server`. */
export function within<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    for (const Kind of [TypeError, RangeError]) {
      if (!(error instanceof Kind)) continue;
      const message = error.message.replaceAll(/\boptions(?=\.)/g, path);
      throw new Kind(message, { cause: error });
    }
    throw error;
  }
}

/** Throws unless `value` is an object with no other keys than these. */
export function checkKeys(
  value: object,
  names: Readonly<Record<string, true>>,
  name: string,
): void {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(
      `${name} must be an object, received ${
        value === null ? null : typeof value
      }`,
    );
  }
  checkNames(value, names, { path: name });
}

/** Throws unless `side` is an end's name. */
export function checkSide(name: string, side: unknown): void {
  if (side === "client" || side === "server") return;
  throw new TypeError(
    `${name} must be "client" or "server", received ${received(side)}`,
  );
}
