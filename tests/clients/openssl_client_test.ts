/**
 * OpenSSL's own client on our servers.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { it } from "@std/testing/bdd";
import { BODY, delay, Fleet, only, storeAfter } from "../support/fleet.ts";
import { describeWith } from "../support/programs.ts";
import { OpensslClient } from "../support/s_client.ts";

/** How the random of a HelloRetryRequest begins (RFC 8446, section 4.1.3). */
const RETRY_RANDOM = [0xcf, 0x21, 0xad, 0x74];

describeWith("openssl", "openssl s_client", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`resumes on the other server with ${version}`, async () => {
      await using fleet = new Fleet(only(version));
      await using client = await OpensslClient.of(fleet, version);
      const first = await client.visit();
      const second = await client.revisit();
      await fleet.assertResumed(version);
      assertStringIncludes(first, `New, ${version}, Cipher is`);
      assertStringIncludes(second, `Reused, ${version}, Cipher is`);
      assertStringIncludes(second, BODY);
    });

    it(`has no session of ${version} before the store has it`, async () => {
      const gate = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      const sessions = storeAfter(() => {
        asked.resolve();
        return gate.promise;
      });
      await using fleet = new Fleet({ ...only(version), sessions });
      await using client = await OpensslClient.of(fleet, version);
      await using visit = await client.startVisit();
      await asked.promise;
      await delay(300);
      assertEquals(await client.hasSession(), false);
      gate.resolve();
      await visit.status;
      assertStringIncludes(await visit.stdout, BODY);
      assert(await client.hasSession());
      await client.revisit();
      await fleet.assertResumed(version);
    });
  }

  it("resumes through a HelloRetryRequest with one look-up", async () => {
    await using fleet = new Fleet({
      ...only("TLSv1.3"),
      configure: [["Groups", "X25519"]],
    });
    // It sends a share for the first only.
    const groups = ["-groups", "P-384:X25519"];
    await using client = await OpensslClient.of(fleet, "TLSv1.3", groups);
    await client.visit();
    await client.revisit();
    await fleet.assertResumed("TLSv1.3");
    for (const { fromServer } of fleet.balancer.recordings) {
      assertEquals([...fromServer.subarray(11, 15)], RETRY_RANDOM);
    }
  });
});
