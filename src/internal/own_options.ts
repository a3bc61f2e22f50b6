import { type OptionPath, optionTypeError } from "./option_error.ts";
import { received } from "./received.ts";
import { adviceOn } from "./similar_name.ts";

/** What belongs to others, and is called or handed back rather than read: kept as it is. */
const SHARED: ReadonlySet<string> = new Set([
  "cause",
  "clock",
  "error",
  "openssl",
  "sessions",
]);

/** What was made here: a copy of a copy is the copy. */
const copies = new WeakSet<object>();

/** What a part of options is by default. */
export const NO_OPTIONS: Readonly<Record<string, never>> = Object.freeze(
  Object.create(null),
);

/** The function or class whose options they are, for error messages. */
export interface OptionsOwner {
  /** The function or class that takes them. */
  readonly of: string;
  /** Where the options are in the caller's options. By default they are those. */
  readonly path?: OptionPath;
  /** Options that are of use in another place. */
  readonly others?: Readonly<Record<string, unknown>>;
  /** What to say of `others`, such as "it belongs into options.context". */
  readonly advice?: string;
}

/**
 * A frozen copy of options, their lists, bytes and objects included: who edits what was
 * given changes nothing. Each has only what the caller's object itself has, without a
 * prototype that could lend it more.
 *
 * @param names The options that there are: others, such as misspelt ones, would be as good
 * as none. Without it they are the callee's to check.
 * @param owner Who takes them.
 * @throws {TypeError} If `options` is no object, or has an option of another name.
 */
export function ownOptions<T extends object>(
  options: T,
  names?: Readonly<Record<keyof T, true>>,
  owner?: OptionsOwner,
): Readonly<T> {
  if (typeof options !== "object" || options === null) {
    throw optionTypeError(
      itself(owner).path ?? [],
      `must be an object, received ${received(options)}`,
    );
  }
  if (names !== undefined) checkNames(options, names, owner);
  return ownEntries(options) as Readonly<T>;
}

/** Throws a `TypeError` that says what was probably meant if there is another name. */
function checkNames(
  options: object,
  names: Readonly<Record<string, true>>,
  owner: Partial<OptionsOwner> = NO_OPTIONS,
): void {
  const name = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (name === undefined) return;
  const { of, path = [], others = NO_OPTIONS, advice } = itself(owner);
  const isElsewhere = advice !== undefined && Object.hasOwn(others, name);
  const hint = isElsewhere ? advice : adviceOn(name, Object.keys(names));
  throw optionTypeError(
    [...path, name],
    `is not an option${of === undefined ? "" : ` of ${of}`}${
      hint === undefined ? "" : `: ${hint}`
    }`,
  );
}

/** A copy without a prototype: properties that were added to `Object.prototype` have no effect. */
function itself(
  owner: Partial<OptionsOwner> = NO_OPTIONS,
): Partial<OptionsOwner> {
  return Object.assign(Object.create(null), owner);
}

/** A copy of a value as {@linkcode ownOptions} makes it: what isn't data is kept as it is. */
function ownValue(value: unknown): unknown {
  if (Array.isArray(value)) return ownList(value);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  return isPlain(value) ? ownEntries(value) : value;
}

function ownList(list: readonly unknown[]): readonly unknown[] {
  if (copies.has(list)) return list;
  const own = Object.freeze(Array.from(list, ownValue));
  copies.add(own);
  return own;
}

function ownEntries(object: object): object {
  if (copies.has(object)) return object;
  const own = Object.create(null);
  for (const [name, value] of Object.entries(object)) {
    own[name] = SHARED.has(name) ? value : ownValue(value);
  }
  copies.add(Object.freeze(own));
  return own;
}

/** Whether it is data: an object of a class has ways of its own. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
