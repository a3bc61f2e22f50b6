import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connect } from "node:net";
import { nodeTransport } from "@sesame/tls";
import { auditServer } from "@sesame/tls/audit";
import { messageOf } from "../../src/internal/error_message.ts";
import { CLOSED_PORT } from "../support/listeners.ts";

/** The addresses of a host, none of which listens. */
const ADDRESSES = ["127.0.0.1", "127.0.0.2"].map((address) => ({
  address,
  family: 4,
}));

describe("messageOf", () => {
  it("is an error's message, or what there is of it", () => {
    assertEquals(messageOf(new Error("no")), "no");
    assertEquals(messageOf("no"), "no");
    assertEquals(messageOf(new RangeError("")), "RangeError");
    const several = [new Error("one"), "two"];
    assertEquals(messageOf(new AggregateError(several)), "one; two");
    assertEquals(messageOf(new AggregateError(several, "both")), "both");
    assertEquals(messageOf(new AggregateError([])), "AggregateError");
  });

  it("names the addresses of a host that can't be connected to by node:net", async () => {
    const audit = auditServer({
      connect: () =>
        nodeTransport(connect({
          host: "localhost",
          port: CLOSED_PORT,
          autoSelectFamily: true,
          lookup: (_host, _options, found) => found(null, ADDRESSES),
        })),
    });
    const { message } = await assertRejects(
      () => Array.fromAsync(audit),
      Error,
    );
    const refused = ADDRESSES.map(({ address }) =>
      `connect ECONNREFUSED ${address}:${CLOSED_PORT}`
    );
    assertEquals(
      message,
      `Cannot audit the server: no handshake completes: ${refused.join("; ")}`,
    );
  });
});
