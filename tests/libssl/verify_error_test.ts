/** The names of results of verification. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL } from "../../src/libssl/mod.ts";
import { verifyErrorName } from "../../src/libssl/verify_error.ts";

/** The last `X509_V_ERR_*` of OpenSSL 3.5. */
const LAST = 95;

describe("verifyErrorName", () => {
  it("gives the name of OpenSSL's constant", () => {
    const names = [0, 1, 10, 18, 23, 62, LAST].map(verifyErrorName);
    assertEquals(names, [
      undefined,
      "UNSPECIFIED",
      "CERT_HAS_EXPIRED",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "CERT_REVOKED",
      "HOSTNAME_MISMATCH",
      "RPK_UNTRUSTED",
    ]);
  });

  it("has a name for each result that this OpenSSL has a text for", () => {
    const { libssl } = new OpenSSL();
    const unknown = libssl.X509_verify_cert_error_string(9999);
    const names = new Set<string | undefined>();
    for (let code = 1; code <= LAST; code++) {
      const text = libssl.X509_verify_cert_error_string(code);
      assertNotEquals(text, unknown);
      names.add(verifyErrorName(code));
    }
    assertEquals(names.size, LAST);
    const after = libssl.X509_verify_cert_error_string(LAST + 1);
    assertEquals(after, unknown);
    assertEquals(verifyErrorName(LAST + 1), "UNSPECIFIED");
  });
});
