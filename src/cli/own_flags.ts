import { ownOptions } from "../internal/own_options.ts";

/** An action whose flags are those of the command line alone. */
export function withOwnFlags<Args extends unknown[]>(
  action: (...args: Args) => Promise<void> | void,
): (...args: Args) => Promise<void> | void {
  return (...args) =>
    action(...args.map((arg) => isFlags(arg) ? ownOptions(arg) : arg) as Args);
}

/** Arguments are texts, and the command itself is of a class. */
function isFlags(arg: unknown): arg is object {
  return typeof arg === "object" && arg !== null &&
    Object.getPrototypeOf(arg) === Object.prototype;
}
