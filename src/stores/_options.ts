import { optionRangeError, optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";

/** Returns the option at `name` if it is a well-formed string, whose UTF-8 no other string has. */
export function checkedText(value: string, name: string): string {
  if (typeof value !== "string") {
    throw optionTypeError(
      name,
      `must be a string, received ${received(value)}`,
    );
  }
  if (value.isWellFormed()) return value;
  throw optionRangeError(name, "must be well-formed text");
}

/** Returns the option `synchronous` if it is `"normal"` or `"full"`. */
export function checkedSynchronous(
  value: "normal" | "full",
): "normal" | "full" {
  if (value === "normal" || value === "full") return value;
  throw optionRangeError(
    "synchronous",
    `must be "normal" or "full", received ${received(value)}`,
  );
}

/** Throws a `TypeError` unless `path` is a URL or a non-empty string. */
export function checkPath(path: string | URL): void {
  if (path instanceof URL || (typeof path === "string" && path !== "")) return;
  throw new TypeError(
    `Cannot create the session store: path must be a URL or a non-empty string, received ${
      received(path)
    }`,
  );
}
