/** Sessions that the server wouldn't negotiate any more, for its certificate or options. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsContextOptions } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate } from "../../support/engines.ts";
import { SANITIZED, Site } from "../../support/site.ts";

const rsa = createTestCertificate({ keyType: "RSA-2048" });
const client = { caCerts: [certificate.cert, rsa.cert] };
const visit = { version: "TLSv1.2", client } as const;

const CASES: [
  suite: string,
  maker: TlsContextOptions,
  other: TlsContextOptions,
][] = [
  ["ECDHE-RSA-AES128-GCM-SHA256", rsa, certificate],
  ["AES128-GCM-SHA256", rsa, certificate],
  ["ECDHE-ECDSA-AES128-GCM-SHA256", certificate, rsa],
  ["DHE-RSA-AES128-GCM-SHA256", rsa, { ...rsa, dhparam: "none" }],
];

describe("A session of TLS 1.2 by", SANITIZED, () => {
  for (const [suite, maker, other] of CASES) {
    it(`${suite} is resumed where it can be negotiated alone`, async () => {
      using site = new Site();
      const only = [["CipherString", `${suite}:@SECLEVEL=1`]] as const;
      // So that the other one has a suite to negotiate.
      const more = [[
        "CipherString",
        `${suite}:ECDHE+AES:@SECLEVEL=1`,
      ]] as const;
      const made = site.server({ ...maker, configure: [...only] });
      const session = await site.session(made, visit);
      const same = site.server({ ...maker, configure: [...more] });
      assertEquals(await site.resume(same, { ...visit, session }), {
        resumed: true,
        from: "store",
      });
      const without = site.server({ ...other, configure: [...more] });
      assertEquals(await site.resume(without, { ...visit, session }), {
        resumed: false,
        reason: "cipher-mismatch",
      });
    });
  }
});

describe("A session with an extended master secret", SANITIZED, () => {
  it("isn't given to a context without it, which OpenSSL would end", async () => {
    using site = new Site();
    const version = "TLSv1.2";
    const session = await site.session(site.server(), { version });
    const without = site.server({
      configure: [["Options", "-ExtendedMasterSecret"]],
    });
    assertEquals(await site.resume(without, { version, session }), {
      resumed: false,
      reason: "refused",
    });
  });
});
