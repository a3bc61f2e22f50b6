/** TlsError: what it carries besides its message. */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError } from "@sesame/tls";

describe("TlsError", () => {
  it("has its fields as they were given, and undefined for the others", () => {
    const cause = new Error("cause");
    const error = new TlsError("certificate", "Cannot trust", {
      alert: "certificate expired",
      reason: "certificate verify failed",
      verifyError: "CERT_HAS_EXPIRED",
      cause,
    });
    assertEquals(
      [error.name, error.code, error.message],
      ["TlsError", "certificate", "Cannot trust"],
    );
    assertEquals(
      [error.alert, error.reason, error.verifyError],
      ["certificate expired", "certificate verify failed", "CERT_HAS_EXPIRED"],
    );
    assertStrictEquals(error.cause, cause);
    const { alert, reason, verifyError } = new TlsError("closed", "Closed");
    assertEquals([alert, reason, verifyError], [
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("refuses a field of another name", () => {
    const options = { verifyErorr: "CERT_HAS_EXPIRED" };
    assertThrows(
      () => new TlsError("certificate", "Cannot trust", options as never),
      TypeError,
      "verifyError",
    );
  });
});
