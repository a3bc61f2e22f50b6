import { inspect } from "node:util";
import { type CodedError, codedError } from "./coded_error.ts";

/** The most characters of a value in an error: a key may be in the wrong option. */
const MAX_PRIMITIVE_LENGTH = 28;
const MAX_VALUE_LENGTH = 128;

/**
 * The `ERR_INVALID_ARG_TYPE` of an argument or, with a dot in its name, a property.
 *
 * @param expected Types in lower case, such as `"string"`, and names of classes.
 */
export function invalidArgType(
  name: string,
  expected: string | readonly string[],
  actual: unknown,
): CodedError {
  const all = [expected].flat();
  const types = all.filter((one) => /^[a-z]/.test(one) && !isValue(one));
  const classes = all.filter((one) => /^[A-Z]/.test(one));
  const values = all.filter(isValue);
  const parts = [
    ...types.length > 0
      ? [`${types.length > 1 ? "one of type" : "of type"} ${orList(types)}`]
      : [],
    ...classes.length > 0 ? [`an instance of ${orList(classes)}`] : [],
    ...values.length > 1
      ? [`one of ${orList(values)}`]
      : values.length === 1
      ? [values[0]]
      : [],
  ];
  return codedError(
    TypeError,
    "ERR_INVALID_ARG_TYPE",
    `The ${subject(name)} must be ${parts.join(" or ")}.${received(actual)}`,
  );
}

/** The `ERR_INVALID_ARG_VALUE` of an argument or a property. */
export function invalidArgValue(
  name: string,
  value: unknown,
  reason = "is invalid",
): CodedError {
  const text = inspect(value);
  const shown = text.length > MAX_VALUE_LENGTH
    ? `${text.slice(0, MAX_VALUE_LENGTH)}...`
    : text;
  return codedError(
    TypeError,
    "ERR_INVALID_ARG_VALUE",
    `The ${kind(name)} '${name}' ${reason}. Received ${shown}`,
  );
}

/** The `ERR_OUT_OF_RANGE` of a number. */
export function outOfRange(
  name: string,
  range: string,
  actual: unknown,
): CodedError {
  return codedError(
    RangeError,
    "ERR_OUT_OF_RANGE",
    `The value of "${name}" is out of range. It must be ${range}. Received ${
      inspect(actual)
    }`,
  );
}

function isValue(expected: string): boolean {
  return expected === "null" || expected === "undefined";
}

function kind(name: string): string {
  return name.includes(".") ? "property" : "argument";
}

function subject(name: string): string {
  return name.endsWith(" argument") ? name : `"${name}" ${kind(name)}`;
}

function orList(words: readonly string[]): string {
  if (words.length < 3) return words.join(" or ");
  return `${words.slice(0, -1).join(", ")}, or ${words.at(-1)}`;
}

function received(value: unknown): string {
  if (value === null || value === undefined) return ` Received ${value}`;
  if (typeof value === "function") return ` Received function ${value.name}`;
  if (typeof value === "object") {
    const { name } = (value as { constructor?: { name?: string } })
      .constructor ?? {};
    return name
      ? ` Received an instance of ${name}`
      : ` Received ${inspect(value, { depth: -1 })}`;
  }
  return ` Received type ${typeof value} (${
    typeof value === "string" ? inspect(cut(value)) : cut(inspect(value))
  })`;
}

function cut(text: string): string {
  return text.length > MAX_PRIMITIVE_LENGTH
    ? `${text.slice(0, MAX_PRIMITIVE_LENGTH - 3)}...`
    : text;
}
