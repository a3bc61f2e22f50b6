/** The constructor of a class of errors. */
type ErrorClass = new (message: string) => Error;

/** An error with a code, as Node.js has them. */
export interface CodedError extends Error {
  /** What failed, such as `"ERR_TLS_INVALID_CONTEXT"`. */
  readonly code: string;
}

/**
 * An error with a code and further fields. As in Node.js, `toString()` and the stack show the
 * code, and `name` is that of the class.
 */
export function codedError<Fields extends object = object>(
  Class: ErrorClass,
  code: string,
  message: string,
  fields?: Fields,
): CodedError & Fields {
  const error = new Class(message);
  const text = `${error.name} [${code}]: ${message}`;
  if (typeof error.stack === "string") {
    const frames = error.stack.indexOf("\n    at ");
    const stack = frames < 0 ? text : text + error.stack.slice(frames);
    Object.defineProperty(error, "stack", hidden(stack));
  }
  Object.defineProperty(error, "toString", hidden(() => text));
  return Object.assign(error, { code }, fields);
}

/** An error as Node.js's C++ makes them: the code is no part of its text. */
export function nativeError(
  Class: ErrorClass,
  code: string,
  message: string,
): CodedError {
  return Object.assign(new Class(message), { code });
}

function hidden(value: unknown): PropertyDescriptor {
  return { value, configurable: true, enumerable: false, writable: true };
}
