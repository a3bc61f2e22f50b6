/** What happens once has happened for those, too, who wait afterwards. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Once } from "../../../src/tls/socket/once.ts";
import { settle } from "../../support/sockets.ts";

describe("Something that happens once", () => {
  it("is waited for before, and not after", async () => {
    const once = new Once();
    let early = 0;
    const waiting = [1, 2].map(() => once.wait().then(() => early++));
    await settle();
    assertEquals(early, 0);
    once.happen();
    await Promise.all(waiting);
    await once.wait();
    once.happen();
    assertEquals(early, 2);
  });
});
