/** Whether a certificate is that of a host. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { checkServerIdentity } from "../../../src/node/peer/check_server_identity.ts";
import { describeWithNode24, inNode24 } from "../../support/node24.ts";
import { IDENTITY_CASES, identityOutcomes } from "./identity_cases.ts";

const CASES = new URL("identity_cases.ts", import.meta.url);

describeWithNode24("checkServerIdentity, beside Node.js 24's", () => {
  it("accepts and refuses the same names, with the same errors", async () => {
    const theirs = await inNode24<unknown[]>(CASES, null);
    const ours = identityOutcomes(checkServerIdentity as never);
    IDENTITY_CASES.forEach((one, i) => {
      assertEquals(ours[i], theirs[i], JSON.stringify(one));
    });
  });
});

describe("checkServerIdentity", () => {
  it("takes a wildcard for a part of the first label of three or more", () => {
    const accepts = (host: string, name: string): boolean =>
      checkServerIdentity(host, { subjectaltname: `DNS:${name}` }) ===
        undefined;
    assert(accepts("www.a.example", "w*.a.example"));
    assert(!accepts("www.a.example", "*.example"));
    assert(!accepts("a.example", "*.example"));
    assert(!accepts("www.a.example", "www.*.example"));
  });

  it("compares the addresses, not how they are written", () => {
    const cert = { subjectaltname: "IP Address:2001:DB8:0:0:0:0:0:1" };
    assertEquals(checkServerIdentity("2001:0db8::0001", cert), undefined);
  });

  it("doesn't take an escaped name for two, nor a broken one at all", () => {
    const cert = { subjectaltname: String.raw`DNS:"evil\u002c DNS:a.example"` };
    const error = checkServerIdentity("a.example", cert);
    assert(error?.cert === cert);
    const broken = assertThrows(
      () => checkServerIdentity("a.example", { subjectaltname: 'DNS:"a' }),
      SyntaxError,
    ) as SyntaxError & { code: string };
    assertEquals(broken.code, "ERR_TLS_CERT_ALTNAME_FORMAT");
  });

  it("takes any number of names that are quoted", () => {
    const subjectaltname = Array.from(
      { length: 20_000 },
      (_, i) => `DNS:"${i}\\u002c"`,
    ).join(", ");
    assert(checkServerIdentity("a.example", { subjectaltname }) !== undefined);
  });
});
