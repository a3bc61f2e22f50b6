/**
 * Gives an object other properties, but where it has one that can't be changed: what gives
 * it back those that it had.
 */
export function replaceProperties(
  target: object,
  properties: PropertyDescriptorMap,
): () => void {
  const before = Object.getOwnPropertyDescriptors(target);
  for (const [name, property] of Object.entries(properties)) {
    Reflect.defineProperty(target, name, property);
  }
  return () => {
    for (const name of Object.keys(properties)) {
      const had = Object.getOwnPropertyDescriptor(before, name);
      if (had === undefined) Reflect.deleteProperty(target, name);
      else Reflect.defineProperty(target, name, had.value);
    }
  };
}
