import { assert, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { rootCertificates } from "@sesame/tls";

describe("rootCertificates", () => {
  it("has what the runtime trusts, in PEM", () => {
    const certificates = rootCertificates();
    assert(certificates.length > 50);
    for (const pem of certificates) assert(pem.includes("BEGIN CERTIFICATE"));
  });

  it("is refused where the runtime trusts nobody", () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, "process");
    assert(own?.configurable);
    Object.defineProperty(globalThis, "process", {
      value: { getBuiltinModule: () => ({ rootCertificates: [] }) },
      configurable: true,
    });
    try {
      assertThrows(
        rootCertificates,
        TypeError,
        "this runtime has no root certificates",
      );
    } finally {
      Object.defineProperty(globalThis, "process", own);
    }
  });
});
