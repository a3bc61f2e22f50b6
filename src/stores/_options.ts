import { received } from "../internal/received.ts";

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
      `Cannot create the session store: ${name} must be a whole number of at least ${least}, received ${
        received(value)
      }`,
    );
  }
  return value;
}

/** Returns the option `prefix` if it is a text, and one of a kind in UTF-8. */
export function checkPrefix(prefix: string): string {
  if (typeof prefix !== "string") {
    throw new TypeError(
      `Cannot create the session store: prefix must be a string, received ${
        describe(prefix)
      }`,
    );
  }
  if (prefix.isWellFormed()) return prefix;
  throw new RangeError(
    "Cannot create the session store: prefix must be well-formed text",
  );
}

/** Throws a `TypeError` unless `path` names a file. */
export function checkPath(path: string | URL): void {
  if (path instanceof URL || (typeof path === "string" && path !== "")) return;
  throw new TypeError(
    `Cannot create the session store: path must be a URL or a non-empty string, received ${
      path === "" ? "an empty one" : typeof path
    }`,
  );
}

/** Returns the option `synchronous` if it is one. */
export function checkSynchronous(value: "normal" | "full"): "normal" | "full" {
  if (value === "normal" || value === "full") return value;
  throw new RangeError(
    `Cannot create the session store: synchronous must be "normal" or "full", received ${
      received(value)
    }`,
  );
}

function describe(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object"
    ? value.constructor?.name ?? "an object"
    : typeof value;
}
