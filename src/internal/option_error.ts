/**
 * Errors about options. Each carries the path of its option as data, in the property
 * `optionPath`; nobody has to look for it in the message.
 *
 * @module
 */

/**
 * The path of an option from the object of all options: `["certificates", 0, "key"]` is
 * that of `options.certificates[0].key`, and `[]` that of the object itself.
 */
export type OptionPath = readonly (string | number)[];

/** Returns the name of an option in a message, such as `options.cert` or `--cert`. */
export type OptionNamer = (path: OptionPath) => string;

/** A message without the name of the option that is its subject. */
type Predicate = string | ((nameOf: OptionNamer) => string);

/** How an error is made again, with other names or paths of its options. */
interface Origin {
  readonly path: OptionPath;
  readonly sentence: (nameOf: OptionNamer) => string;
  readonly make: (message: string, path: OptionPath) => Error;
}

const origins = new WeakMap<object, Origin>();

/**
 * Creates an error about an option.
 *
 * @param path The path of the option, or its name.
 * @param sentence Returns the message. It takes the names of the options that it mentions
 * from the function that it is given.
 * @param make Creates the error. A `TlsError` takes the path as its `optionPath`.
 */
export function optionError<E extends Error>(
  path: OptionPath | string,
  sentence: (nameOf: OptionNamer) => string,
  make: (message: string, path: OptionPath) => E,
): E {
  const own = Object.freeze([path].flat());
  const error = make(sentence(optionName), own);
  if (!Object.hasOwn(error, "optionPath")) {
    Object.defineProperty(error, "optionPath", { value: own });
  }
  origins.set(error, { path: own, sentence, make });
  return error;
}

/**
 * A `TypeError` about an option.
 *
 * @param path The path of the option, or its name.
 * @param predicate The message without its subject, such as `"must be a string, received
 * null"`, or a function as {@linkcode optionError} takes that returns it.
 */
export function optionTypeError(
  path: OptionPath | string,
  predicate: Predicate,
  options?: ErrorOptions,
): TypeError {
  return optionError(
    path,
    (nameOf) => sentenceOf(path, predicate, nameOf),
    (message) => new TypeError(message, options),
  );
}

/** A `RangeError` about an option; its parameters are those of {@linkcode optionTypeError}. */
export function optionRangeError(
  path: OptionPath | string,
  predicate: Predicate,
  options?: ErrorOptions,
): RangeError {
  return optionError(
    path,
    (nameOf) => sentenceOf(path, predicate, nameOf),
    (message) => new RangeError(message, options),
  );
}

/** The path of the option that an error is about; `undefined` if it is about none. */
export function optionPathOf(error: unknown): OptionPath | undefined {
  return originOf(error)?.path;
}

/**
 * The message of an error with its options under the names that `nameOf` gives them, such
 * as `--cert`; `undefined` if the error isn't about an option.
 */
export function optionMessage(
  error: unknown,
  nameOf: OptionNamer,
): string | undefined {
  return originOf(error)?.sentence(nameOf);
}

/**
 * Calls `make`, which is given the options at `prefix` in the caller's options: an error
 * about one of them that it throws is thrown with the whole path.
 */
export function withOptionPath<T>(
  prefix: OptionPath | string,
  make: () => T,
): T {
  try {
    return make();
  } catch (error) {
    const origin = originOf(error);
    if (origin === undefined) throw error;
    const whole = (path: OptionPath): OptionPath => [prefix, path].flat(2);
    throw optionError(
      whole(origin.path),
      (nameOf) => origin.sentence((path) => nameOf(whole(path))),
      origin.make,
    );
  }
}

/** The name of an option in JavaScript, such as `options.certificates[0].key`. */
export function optionName(path: OptionPath): string {
  return path.reduce<string>(
    (name, key) => `${name}${typeof key === "number" ? `[${key}]` : `.${key}`}`,
    "options",
  );
}

function sentenceOf(
  path: OptionPath | string,
  predicate: Predicate,
  nameOf: OptionNamer,
): string {
  return `${nameOf([path].flat())} ${
    typeof predicate === "string" ? predicate : predicate(nameOf)
  }`;
}

function originOf(error: unknown): Origin | undefined {
  return typeof error === "object" && error !== null
    ? origins.get(error)
    : undefined;
}
