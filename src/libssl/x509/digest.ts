import type { Ffi } from "../../ffi/ffi.ts";
import type { Ptr } from "../../ffi/pointers.ts";

/** The digest of a name, such as `"SHA256"`; `NULL` if OpenSSL has none of that name. */
export function digestNamed({ c, memory }: Ffi, name: string): Ptr<"EVP_MD"> {
  return memory.withString(name, (text) => c.EVP_get_digestbyname(text));
}
