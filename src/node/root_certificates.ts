import { getCACertificates } from "./ca_certificates.ts";

/**
 * The runtime's own certificates as an array that is read from it when it is used: Deno asks for
 * a permission then, which to load a module needs none.
 */
export function lazyRootCertificates(): readonly string[] {
  const list: string[] = [];
  const loaded = (): string[] => {
    if (!Object.isFrozen(list)) {
      list.push(...getCACertificates("bundled"));
      Object.freeze(list);
    }
    return list;
  };
  return new Proxy(list, {
    get: (_, name, receiver) => Reflect.get(loaded(), name, receiver),
    getOwnPropertyDescriptor: (_, name) =>
      Reflect.getOwnPropertyDescriptor(loaded(), name),
    has: (_, name) => Reflect.has(loaded(), name),
    isExtensible: () => Reflect.isExtensible(loaded()),
    ownKeys: () => Reflect.ownKeys(loaded()),
  });
}
