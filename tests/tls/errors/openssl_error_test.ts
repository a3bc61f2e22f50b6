import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError } from "@sesame/tls";
import { allocated } from "../../../src/tls/errors/openssl_error.ts";

describe("What OpenSSL allocates", () => {
  it("is there, or memory is used up", () => {
    const handle = {};
    assertStrictEquals(allocated(handle, "a context"), handle);
    const error = assertThrows(
      () => allocated(null, "a context"),
      TlsError,
      "Cannot allocate a context",
    );
    assertEquals(error.code, "out-of-memory");
  });
});
