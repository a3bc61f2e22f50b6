/** What a class needs to be called without `new`, as those of `node:tls` can be. */
export interface CallableParts<Args extends unknown[]> {
  /** The name that `node:tls` has for the class, which `constructor.name` and `inspect` tell. */
  name: string;
  /** Makes an object that another constructor has made one of this class. */
  adopt(instance: object, args: Args): void;
}

/**
 * A class that can also be called without `new`: alone, which makes an instance, or on an object
 * that inherits from it, as old-style subclasses do (`Class.call(this, ...)`).
 */
export function callable<
  Args extends unknown[],
  Class extends Constructor,
>(Class: Class, { name, adopt }: CallableParts<Args>): Class {
  const proxy: Class = new Proxy(Class, {
    apply(target, thisArgument: unknown, args: Args): unknown {
      if (!(thisArgument instanceof target)) {
        return Reflect.construct(target, args);
      }
      adopt(thisArgument, args);
      return thisArgument;
    },
  });
  Object.defineProperty(Class, "name", { value: name, configurable: true });
  Object.defineProperty(Class.prototype, "constructor", {
    value: proxy,
    writable: true,
    configurable: true,
  });
  return proxy;
}

/**
 * Has a constructor of Node's, which can be called without `new`, make an object that another one
 * has made one of its own. Its types don't tell that it can be.
 */
export function callOn(
  constructor: unknown,
  instance: object,
  ...args: readonly unknown[]
): void {
  Reflect.apply(constructor as () => void, instance, args);
}

type Constructor = new (...args: never[]) => object;
