/** Early data that comes late, or says so. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { carelessAbout, onceEach, probed } from "./servers.ts";

describe("Probes of early data that comes late", () => {
  it("expired: fails if the server doesn't look at the time", async () => {
    using server = carelessAbout("expiry");
    assertEquals((await probed("expired", [server])).verdict, "fail");
  });

  it("ticket-age: fails if ages aren't compared and replays accepted", async () => {
    using server = carelessAbout("age");
    const { verdict, facts } = await probed("ticket-age", [server]);
    assertEquals([verdict, facts], ["fail", { acceptedAgain: true }]);
    using once = carelessAbout("age", { setUp: onceEach });
    assertEquals((await probed("ticket-age", [once])).verdict, "warn");
  });
});
