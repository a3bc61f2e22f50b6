import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type TlsContextOptions, TlsError } from "@sesame/tls";
import { craft, longName, toPem } from "../../support/crafted.ts";
import { certificate } from "../../support/engines.ts";
import { SANITIZED, settle, Site, VERSIONS } from "../../support/site.ts";

const { cert, key } = certificate;

/** The certificate with copies after it, together of about `size` bytes of DER. */
function chain(size: number): TlsContextOptions {
  const length = cert.split("\n").slice(1, -2).join("").length * 3 / 4;
  return { cert: cert.repeat(Math.round(size / length)), key };
}

describe("maxCertList", SANITIZED, () => {
  for (const version of VERSIONS) {
    for (const role of ["client", "server"] as const) {
      /** Has a side of this role be shown a chain of `size` bytes by the other. */
      const show = async (
        size: number,
        options: TlsContextOptions,
        chosen?: TlsContextOptions,
      ): Promise<void> => {
        using site = new Site();
        const shown = chain(size);
        const asking = { clientAuth: "require" as const, caCerts: [cert] };
        const served = chosen &&
          site.context({ ...asking, ...chosen });
        const server = role === "client" ? site.context(shown) : site.context({
          ...asking,
          ...options,
          ...(served && { contextFor: () => served }),
        });
        const client = role === "client" ? options : shown;
        await settle(site.ends(server, { version, client }));
      };
      const refused = (promise: Promise<void>): Promise<unknown> =>
        assertRejects(() => promise, TlsError, "excessive message size");

      describe(`of a ${role}, over ${version}`, () => {
        it("is 64 KiB by default", async () => {
          await show(60_000, {});
          await refused(show(70_000, {}));
        });

        it("can be less and more", async () => {
          await show(3_000, { maxCertList: 5_000 });
          await refused(show(3_000, { maxCertList: 1_000 }));
          await show(120_000, { maxCertList: 150_000 });
        });

        if (role === "server") {
          it("is the chosen context's", async () => {
            await refused(show(3_000, {}, { maxCertList: 1_000 }));
            await show(3_000, { maxCertList: 1_000 }, {});
          });
        }
      });
    }
  }

  it("has room for all names of authorities that a server asks by", async () => {
    using site = new Site();
    const authority = toPem(craft(cert, { subject: longName(63_000) }));
    const caCerts = [cert, authority];
    const server = site.context({
      clientAuth: "request",
      caCerts,
      sendCaNames: true,
    });
    const ends = site.ends(server, {});
    await settle(ends);
    assertEquals(ends.client.state, "open");
  });
});
