import type { Ffi } from "../../ffi/ffi.ts";
import type { Ptr } from "../../ffi/pointers.ts";
import { list } from "../arguments.ts";
import type { X509 } from "../handles.ts";

/** OpenSSL's `STACK_OF(...)`. */
type Stack = Ptr<"OPENSSL_STACK">;

/** The items of a stack; none for `NULL`. */
export function stackItems<Kind extends string>(
  { c }: Ffi,
  stack: Stack,
): Ptr<Kind>[] {
  const length = stack === 0 ? 0 : c.OPENSSL_sk_num(stack);
  return Array.from(
    { length },
    (_, i) => c.OPENSSL_sk_value(stack, i) as number as Ptr<Kind>,
  );
}

/** Runs `use` with a stack of certificates, which are borrowed. */
export function withCertificateStack<T>(
  { c, handles }: Ffi,
  certificates: readonly X509[],
  use: (stack: Stack) => T,
): T {
  const pointers = list(certificates, "certificates").map((x) =>
    handles.ptr(x, "X509")
  );
  const stack = c.OPENSSL_sk_new_null();
  try {
    for (const ptr of pointers) {
      c.OPENSSL_sk_push(stack, ptr as number as Ptr<"void">);
    }
    return use(stack);
  } finally {
    c.OPENSSL_sk_free(stack);
  }
}
