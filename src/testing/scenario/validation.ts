import { ownOptions } from "../../internal/own_options.ts";

/** Throws a `TypeError` unless a value is what it should be; `path` says where it is. */
export type Check = (value: unknown, path: string) => void;

/** A value of a type, by the word of `typeof`. */
export function typed(type: string): Check {
  return (value, path) => {
    if (typeof value === type && value !== null) return;
    throw new TypeError(`${path} must be a ${type}, received ${show(value)}`);
  };
}

/** Text that isn't empty: each text has an empty part. */
export function someText(value: unknown, path: string): void {
  typed("string")(value, path);
  if (value === "") throw new TypeError(`${path} must not be empty`);
}

/** One of these words. */
export function oneOf(...choices: string[]): Check {
  return (value, path) => {
    if (choices.some((choice) => choice === value)) return;
    throw new TypeError(
      `${path} must be ${choices.join(", ")}, received ${show(value)}`,
    );
  };
}

/** What another check takes, or `null`. */
export function orNull(check: Check): Check {
  return (value, path) => value === null || check(value, path);
}

/** One of two: the error for an object is that of the second. */
export function either(one: Check, other: Check): Check {
  return (value, path) =>
    (typeof value === "object" ? other : one)(value, path);
}

/** A list. */
export function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) {
      throw new TypeError(`${path} must be a list, received ${show(value)}`);
    }
    value.forEach((item, i) => check(item, `${path}[${i}]`));
  };
}

/** An object with members of any names. */
export function recordOf(check: Check): Check {
  return (value, path) => {
    typed("object")(value, path);
    for (const [name, item] of Object.entries(value as object)) {
      check(item, `${path}.${JSON.stringify(name)}`);
    }
  };
}

/** An object with these members and no others, of which some must be there: as `undefined` none is. */
export function object<T extends object>(
  checks: Readonly<Record<keyof T, Check>>,
  needed: readonly (keyof T & string)[] = [],
): Check {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TypeError(
        `${path || "it"} must be an object, received ${show(value)}`,
      );
    }
    const prefix = path && `${path}.`;
    for (const [name, item] of Object.entries(value)) {
      if (!Object.hasOwn(checks, name)) {
        throw new TypeError(
          `${prefix}${name} is none of ${Object.keys(checks).join(", ")}`,
        );
      }
      if (item === undefined) continue;
      checks[name as keyof T](item, `${prefix}${name}`);
    }
    const present = defined(value);
    for (const name of needed) {
      if (Object.hasOwn(present, name)) continue;
      throw new TypeError(`${prefix}${name} is missing`);
    }
  };
}

/** What has no members that are `undefined`. */
export type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

/** A copy without the members that are `undefined`. */
export function defined<T extends object>(value: T): Defined<T> {
  return ownOptions(Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined),
  )) as Defined<T>;
}

function show(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : value === null
    ? "null"
    : Array.isArray(value)
    ? "a list"
    : typeof value;
}
