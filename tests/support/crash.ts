import { assertThrows } from "@std/assert";
import { type OpenSSL, TlsError } from "@sesame/tls";
import type { Ptr } from "../../src/ffi/pointers.ts";
import { opensslInternals } from "../../src/libssl/openssl_internals.ts";

/** Crashes an instance, by what no caller can do: C frees what is nowhere. */
export function crash(openssl: OpenSSL): void {
  const { c } = opensslInternals.get(openssl).sessionAge["ffi"];
  assertThrows(
    () => c.SSL_free(0x7fff_fff0 as Ptr<"SSL">),
    TlsError,
    "crashed",
  );
}
