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

/**
 * A frozen copy of options, their lists, bytes and objects included: who edits what was
 * given changes nothing. Each has only what the caller's object itself has, without a
 * prototype that could lend it more.
 *
 * @param names The options that there are: others, such as misspelt ones, would be as good
 * as none. Without it they are the callee's to check.
 * @param path What the options are called in errors.
 * @throws {TypeError} If `options` is no object, or has an option of another name.
 */
export function ownOptions<T extends object>(
  options: T,
  names?: Readonly<Record<keyof T, true>>,
  path = "options",
): Readonly<T> {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${path} must be an object, received ${options}`);
  }
  for (const name of names ? Object.keys(options) : []) {
    if (!Object.hasOwn(names ?? {}, name)) {
      throw new TypeError(`${path}.${name} is no option`);
    }
  }
  return ownEntries(options) as Readonly<T>;
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
