/**
 * The inner objects of a class's instances, for other files of `src/` and not for users: the
 * class sets them in its constructor. What belongs to the class as a whole is set on the class,
 * in a static block. A search for `Internals` finds every one of them.
 */
export class Internals<T> {
  readonly #className: string;
  readonly #inner = privateField<T>();

  /** For the instances of the class `className`. */
  constructor(className: string) {
    this.#className = className;
  }

  /** Sets or replaces the inner object of an instance. */
  set(instance: object, inner: T): void {
    this.#inner.set(instance, inner);
  }

  /**
   * The inner object of an instance.
   *
   * @throws {TypeError} If `instance` is not an instance of the class.
   */
  get(instance: object): T {
    if (this.has(instance)) return this.#inner.get(instance);
    throw new TypeError(`Expected an instance of ${this.#className}`);
  }

  /** Whether a value is an instance of the class, in spite of any `Symbol.hasInstance`. */
  has(value: unknown): value is object {
    return isObject(value) && this.#inner.isIn(value);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object"
    ? value !== null
    : typeof value === "function";
}

/** A private field that can be given to any object. */
interface PrivateField<T> {
  isIn(object: object): boolean;
  get(object: object): T;
  set(object: object, value: T): void;
}

/** Makes what a class makes the object that is passed, whose subclasses give it their fields. */
class Given {
  constructor(object: object) {
    return object;
  }
}

/**
 * A new private field. A `WeakMap` would do, but V8 keeps all that was set in one for as long as
 * no old objects are collected: as much as a busy server has made meanwhile.
 */
function privateField<T>(): PrivateField<T> {
  return class Field extends Given {
    #value: T;

    constructor(object: object, value: T) {
      super(object);
      this.#value = value;
    }

    static isIn(object: object): boolean {
      return #value in object;
    }

    static get(object: object): T {
      return (object as Field).#value;
    }

    static set(object: object, value: T): void {
      if (#value in object) object.#value = value;
      else new Field(object, value);
    }
  };
}
