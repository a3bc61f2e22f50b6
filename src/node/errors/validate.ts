import {
  invalidArgType,
  invalidArgValue,
  outOfRange,
} from "./argument_errors.ts";

const MAX_INT32 = 2 ** 31 - 1;

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`. */
export function validateString(
  value: unknown,
  name: string,
): asserts value is string {
  if (typeof value !== "string") throw invalidArgType(name, "string", value);
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`. */
export function validateBoolean(
  value: unknown,
  name: string,
): asserts value is boolean {
  if (typeof value !== "boolean") throw invalidArgType(name, "boolean", value);
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`. */
export function validateFunction(
  value: unknown,
  name: string,
): asserts value is (...args: never[]) => unknown {
  if (typeof value !== "function") {
    throw invalidArgType(name, "function", value);
  }
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`, also for an array and `null`. */
export function validateObject(
  value: unknown,
  name: string,
): asserts value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidArgType(name, "object", value);
  }
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`. */
export function validateArray(
  value: unknown,
  name: string,
): asserts value is unknown[] {
  if (!Array.isArray(value)) throw invalidArgType(name, "Array", value);
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`. */
export function validateBuffer(
  value: unknown,
  name: string,
): asserts value is ArrayBufferView {
  if (!ArrayBuffer.isView(value)) {
    throw invalidArgType(name, ["Buffer", "TypedArray", "DataView"], value);
  }
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`. */
export function validateNumber(
  value: unknown,
  name: string,
): asserts value is number {
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
}

/**
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`.
 * @throws {RangeError} `ERR_OUT_OF_RANGE`.
 */
export function validateInteger(
  value: unknown,
  name: string,
  min: number = Number.MIN_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  validateNumber(value, name);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < min || value > max) {
    throw outOfRange(name, `>= ${min} && <= ${max}`, value);
  }
}

/**
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`.
 * @throws {RangeError} `ERR_OUT_OF_RANGE`.
 */
export function validateInt32(
  value: unknown,
  name: string,
  min: number = -MAX_INT32 - 1,
): asserts value is number {
  validateInteger(value, name, min, MAX_INT32);
}

/**
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`.
 * @throws {RangeError} `ERR_OUT_OF_RANGE`.
 */
export function validateUint32(
  value: unknown,
  name: string,
  min = 0,
): asserts value is number {
  validateInteger(value, name, min, 2 ** 32 - 1);
}

/**
 * Keys and certificates: a string or a view of bytes.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`.
 */
export function validateKeyOrCert(
  value: unknown,
  name: string,
): asserts value is string | ArrayBufferView {
  if (typeof value === "string" || ArrayBuffer.isView(value)) return;
  throw invalidArgType(
    name,
    ["string", "Buffer", "TypedArray", "DataView"],
    value,
  );
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`, or `ERR_INVALID_ARG_VALUE` if it is empty. */
export function validateNonEmptyString(
  value: unknown,
  name: string,
): asserts value is string {
  validateString(value, name);
  if (value === "") throw invalidArgValue(name, value);
}
