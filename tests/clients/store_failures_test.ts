/**
 * Other people's clients on servers whose store fails: it costs a full handshake.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { it } from "@std/testing/bdd";
import type { ResumptionFailure } from "@sesame/tls";
import { fetchTwice } from "../support/curl.ts";
import { BODY, Fleet, only, storeAfter } from "../support/fleet.ts";
import { describeWith } from "../support/programs.ts";
import { OpensslClient } from "../support/s_client.ts";

const STORES: {
  name: string;
  wait: () => Promise<void>;
  reason: ResumptionFailure;
}[] = [
  {
    name: "rejects",
    wait: () => Promise.reject(new Error("The store is down")),
    reason: "store-failed",
  },
  { name: "hangs", wait: () => new Promise(() => {}), reason: "deadline" },
];

for (const { name, wait, reason } of STORES) {
  const failing = (version: "TLSv1.2" | "TLSv1.3"): Fleet =>
    new Fleet({
      ...only(version),
      sessions: storeAfter(wait),
      lookupTimeout: 50,
      writeTimeout: 50,
      onStoreError: () => {},
    });

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    describeWith("curl", `curl, ${version}, and a store that ${name}`, () => {
      it("gets both pages, with a full handshake each", async () => {
        await using fleet = failing(version);
        await fetchTwice(fleet, ["--tls-max", version.slice(4)]);
        await assertFailures(fleet, reason);
      });
    });

    describeWith(
      "openssl",
      `openssl s_client, ${version}, and a store that ${name}`,
      () => {
        it("gets both pages, with a full handshake each", async () => {
          await using fleet = failing(version);
          await using client = await OpensslClient.of(fleet, version);
          const first = await client.visit();
          const second = await client.revisit();
          await assertFailures(fleet, reason);
          for (const said of [first, second]) {
            assertStringIncludes(said, `New, ${version}, Cipher is`);
            assertStringIncludes(said, BODY);
          }
        });
      },
    );
  }
}

async function assertFailures(
  fleet: Fleet,
  reason: ResumptionFailure,
): Promise<void> {
  await fleet.assertFull(["none-offered", reason]);
  for (const { stats } of fleet.contexts) {
    assertEquals(stats.storeErrors, stats.writes + stats.lookups);
    assert(stats.storeErrors > 0);
  }
}
