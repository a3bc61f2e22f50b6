import { ownOptions } from "../../internal/own_options.ts";

/** Throws a `TypeError` unless a value is valid; `path` is its path in the scenario. */
export type Check = (value: unknown, path: string) => void;

/** Checks the type of a value, as `typeof` names it. */
export function typed(type: string): Check {
  return (value, path) => {
    if (typeof value === type && value !== null) return;
    throw new TypeError(`${path} must be a ${type}, received ${show(value)}`);
  };
}

/** Checks that a value is a non-empty string. */
export function someText(value: unknown, path: string): void {
  typed("string")(value, path);
  if (value === "") throw new TypeError(`${path} must not be empty`);
}

/** Checks that a value is one of these strings. */
export function oneOf(...choices: string[]): Check {
  return (value, path) => {
    if (choices.some((choice) => choice === value)) return;
    throw new TypeError(
      `${path} must be ${choices.join(", ")}, received ${show(value)}`,
    );
  };
}

/** Accepts `null` besides what another check accepts. */
export function orNull(check: Check): Check {
  return (value, path) => value === null || check(value, path);
}

/** Applies the second check to objects, and the first to all other values. */
export function either(one: Check, other: Check): Check {
  return (value, path) =>
    (typeof value === "object" ? other : one)(value, path);
}

/** Checks the items of an array. */
export function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) {
      throw new TypeError(`${path} must be an array, received ${show(value)}`);
    }
    value.forEach((item, i) => check(item, `${path}[${i}]`));
  };
}

/** Checks the values of an object with any keys. */
export function recordOf(check: Check): Check {
  return (value, path) => {
    typed("object")(value, path);
    for (const [name, item] of Object.entries(value as object)) {
      check(item, `${path}.${JSON.stringify(name)}`);
    }
  };
}

/** Checks an object with these properties, of which some are required; one that is `undefined` counts as missing. */
export function object<T extends object>(
  checks: Readonly<Record<keyof T, Check>>,
  needed: readonly (keyof T & string)[] = [],
): Check {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new TypeError(
        `${path || "scenario"} must be an object, received ${show(value)}`,
      );
    }
    const prefix = path && `${path}.`;
    for (const [name, item] of Object.entries(value)) {
      if (!Object.hasOwn(checks, name)) {
        throw new TypeError(
          `${prefix}${name} is not one of ${Object.keys(checks).join(", ")}`,
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

/** A type whose properties aren't `undefined`. */
export type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

/** A copy without the properties that are `undefined`. */
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
    ? "an array"
    : typeof value;
}
