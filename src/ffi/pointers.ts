declare const kind: unique symbol;

/** An address in the module's memory, of a C object of one kind. */
export type Ptr<Kind extends string> = number & { readonly [kind]: Kind };

/** An address of plain bytes. */
export type Address = Ptr<"void">;

/** An index into the module's function table. */
export type FnPtr = Ptr<"function">;

/** C's `NULL`. */
export const NULL = 0 as Ptr<never>;

/** The address of an object's field or a word in a block. */
export function offset(address: Address, bytes: number): Address {
  return address + bytes as Address;
}
