/**
 * Early data from OpenSSL's own client to our servers.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { it } from "@std/testing/bdd";
import { Fleet, only } from "../support/fleet.ts";
import { describeWith } from "../support/programs.ts";
import { OpensslClient } from "../support/s_client.ts";

describeWith("openssl", "openssl s_client -early_data", () => {
  const options = {
    ...only("TLSv1.3"),
    singleUse: true,
    maxEarlyData: 1024,
  };

  it("is heard early once, and only once", async () => {
    await using fleet = new Fleet(options);
    await using client = await OpensslClient.of(fleet, "TLSv1.3");
    await client.visit();
    const second = await client.revisitEarly("early bird");
    assertStringIncludes(second, "Early data was accepted");
    const third = await client.revisitEarly("early bird");
    assertStringIncludes(third, "Early data was rejected");

    const visits = await fleet.visited(3);
    assertEquals(
      visits.map(({ early, info }) => ({
        early,
        status: info.earlyData,
        resumption: info.resumption,
      })),
      [
        {
          early: "",
          status: "none",
          resumption: { resumed: false, reason: "none-offered" },
        },
        {
          early: "early bird",
          status: "accepted",
          resumption: { resumed: true, from: "store" },
        },
        {
          early: "",
          status: "rejected",
          resumption: { resumed: false, reason: "unknown-id" },
        },
      ],
    );
  });

  it("is not heard again when its bytes are replayed at either server", async () => {
    await using fleet = new Fleet(options);
    await using client = await OpensslClient.of(fleet, "TLSv1.3");
    await client.visit();
    await client.revisitEarly("early bird");
    const [full, early] = fleet.balancer.recordings;
    assert(full && early);
    assertEquals(resumes(full.fromServer), false);
    assertEquals(resumes(early.fromServer), true);
    for (const port of fleet.ports) {
      const answer = await send(port, early.fromClient);
      assertEquals(resumes(answer), false);
    }
    assertEquals(fleet.contexts.map(({ stats }) => stats.lookups), [1, 2]);
  });
});

/** Sends bytes to a server: the first record of its answer, after which it waits for more. */
async function send(port: number, bytes: Uint8Array): Promise<Uint8Array> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(bytes);
  const answer: number[] = [];
  const buffer = new Uint8Array(65_536);
  try {
    while (answer.length < lengthOfRecord(answer)) {
      const count = await conn.read(buffer);
      if (count === null) break;
      answer.push(...buffer.subarray(0, count));
    }
  } catch {
    // It was reset.
  }
  return new Uint8Array(answer);
}

/** How long the first record is, with its header (RFC 8446, 5.1), or the header if it has yet to come. */
function lengthOfRecord([_type, _major, _minor, high, low]: number[]): number {
  return 5 + ((high ?? 0) << 8 | (low ?? 0));
}

const SERVER_HELLO = 2;
const PRE_SHARED_KEY = 41;

/** Whether bytes begin with a hello that accepts a session (RFC 8446, 4.1.3, 4.2.11). */
function resumes(answer: Uint8Array): boolean {
  const view = new DataView(answer.buffer);
  let at = 5;
  assertEquals(view.getUint8(at), SERVER_HELLO);
  at += 4 + 2 + 32;
  at += 1 + view.getUint8(at) + 2 + 1;
  const end = at + 2 + view.getUint16(at);
  for (at += 2; at < end; at += 4 + view.getUint16(at + 2)) {
    if (view.getUint16(at) === PRE_SHARED_KEY) return true;
  }
  return false;
}
