/** Which pending handshake is evicted: one of the network that has most of them. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  networkOf,
  PendingHandshakes,
} from "../../../src/tls/deno/pending_handshakes.ts";
import type { SocketCore } from "../../../src/tls/socket/socket_core.ts";

/** What of a socket decides: whether its peer has had an answer. */
function handshake(hasWritten = false): SocketCore {
  return { io: { wire: { hasWritten } } } as SocketCore;
}

describe("Pending handshakes", () => {
  it("are evicted by network, the oldest first, and are counted", () => {
    const handshakes = new PendingHandshakes();
    assertEquals(handshakes.takeVictim(), undefined);
    const [alone, first, second, third] = [1, 2, 3, 4].map(() => handshake());
    assert(alone && first && second && third);
    handshakes.add(alone, "192.0.2.1");
    handshakes.add(first, "192.0.2.2");
    handshakes.add(second, "192.0.2.2");
    const last = handshakes.add(third, "192.0.2.2");
    assertEquals(handshakes.size, 4);
    assertStrictEquals(handshakes.takeVictim(), first);
    assertEquals(handshakes.size, 3);
    assertStrictEquals(handshakes.takeVictim(), second);
    handshakes.delete(last);
    handshakes.delete(last);
    assertEquals(handshakes.size, 1);
    assertStrictEquals(handshakes.takeVictim(), alone);
    assertEquals(handshakes.takeVictim(), undefined);
  });

  it("are evicted among those that have an answer where these are more", () => {
    const handshakes = new PendingHandshakes();
    const answered = [1, 2, 3].map(() => handshake(true));
    const silent = [1, 2].map(() => handshake());
    for (const socket of [...answered, ...silent]) {
      handshakes.add(socket, "192.0.2.1");
    }
    assertStrictEquals(handshakes.takeVictim(), answered[0]);
    assertStrictEquals(handshakes.takeVictim(), silent[0]);
    assertStrictEquals(handshakes.takeVictim(), answered[1]);
    assertEquals(handshakes.takeAll(), [answered[2], silent[1]]);
    assertEquals(handshakes.size, 0);
  });

  it("are taken out of the middle", () => {
    const handshakes = new PendingHandshakes();
    const sockets = [1, 2, 3].map(() => handshake());
    const [first, second] = sockets.map((socket) =>
      handshakes.add(socket, "192.0.2.1")
    );
    assert(first && second);
    handshakes.delete(second);
    handshakes.delete(first);
    assertEquals(handshakes.size, 1);
    assertStrictEquals(handshakes.takeVictim(), sockets[2]);
  });

  it("leave little of their networks behind", () => {
    const handshakes = new PendingHandshakes();
    const networks = 1000;
    const map = Map.prototype.delete;
    let deleted = 0;
    Map.prototype.delete = function (key): boolean {
      if (typeof key === "string") deleted++;
      return map.call(this, key);
    };
    try {
      for (let i = 0; i < networks; i++) {
        const added = handshakes.add(
          handshake(),
          `10.0.${i >> 8}.${i & 255}`,
        );
        handshakes.delete(added);
      }
    } finally {
      Map.prototype.delete = map;
    }
    assert(deleted >= networks - 64, `${deleted} were deleted`);
  });
});

describe("networkOf", () => {
  for (
    const [address, network] of [
      ["192.0.2.1", "192.0.2.1"],
      ["::ffff:192.0.2.1", "192.0.2.1"],
      ["2001:db8:1:2:3:4:5:6", "8193:3512:1:2"],
      ["2001:db8:1:2::6", "8193:3512:1:2"],
      ["2001:db8::6", "8193:3512:0:0"],
      ["fe80::1%eth0", "65152:0:0:0"],
      ["::1", "0:0:0:0"],
    ] as const
  ) {
    it(`of ${address}`, () => assertEquals(networkOf(address), network));
  }
});
