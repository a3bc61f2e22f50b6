/**
 * Bytes that a program passes, before anything is measured or copied. A `Uint8Array` can
 * be a subclass that lies about itself, lose its buffer, or grow with a shared one while
 * it is read: what counts here are the internal slots, read once.
 *
 * @module
 */

const TypedArray = Object.getPrototypeOf(Uint8Array).prototype as Uint8Array;
const kindOf = slot<string | undefined>(Symbol.toStringTag);
const bufferOf = slot<ArrayBufferLike>("buffer");
const offsetOf = slot<number>("byteOffset");
const lengthOf = slot<number>("length");

/** Why a value can't be read as bytes. */
export class NoBytes {
  /** Such as `"must be a Uint8Array, received null"`. */
  readonly problem: string;
  readonly cause: unknown;

  constructor(received: string, cause?: unknown) {
    this.problem = `must be a Uint8Array, received ${received}`;
    this.cause = cause;
  }
}

/** A plain view of the same bytes, whose length never changes, or why there is none. */
export function viewOf(value: unknown): Uint8Array | NoBytes {
  if (kindOf(value) !== "Uint8Array") {
    return new NoBytes(value === null ? "null" : typeof value);
  }
  try {
    // Refuses a view that is detached or out of its buffer's bounds, which looks empty.
    TypedArray.at.call(value as Uint8Array, 0);
    return new Uint8Array(bufferOf(value), offsetOf(value), lengthOf(value));
  } catch (cause) {
    return new NoBytes("one whose buffer is detached or too short", cause);
  }
}

/**
 * A plain view of the same bytes, whose length never changes.
 *
 * @throws {TypeError} If `value` is not a Uint8Array, of any realm, or its buffer is detached.
 */
export function byteView(value: unknown, name: string): Uint8Array {
  const view = viewOf(value);
  if (!(view instanceof NoBytes)) return view;
  throw new TypeError(`${name} ${view.problem}`, { cause: view.cause });
}

/** A copy of the bytes, which nobody else holds; throws as {@linkcode byteView} does. */
export function byteCopy(
  value: unknown,
  name: string,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(byteView(value, name));
}

/** Zeros bytes that another had meanwhile, who may have given their buffer away. */
export function wipe(bytes: Uint8Array): void {
  try {
    byteView(bytes, "bytes").fill(0);
  } catch {
    // They are no one's here any more.
  }
}

function slot<T>(name: string | symbol): (value: unknown) => T {
  const get = Object.getOwnPropertyDescriptor(TypedArray, name)?.get;
  return (value) => get?.call(value) as T;
}
