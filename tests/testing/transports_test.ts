import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { VirtualClock } from "../../src/testing/clock.ts";
import type { NetworkOptions } from "../../src/testing/network.ts";
import { createTransportPair } from "../../src/testing/transports.ts";

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

describe("createTransportPair", () => {
  it("carries bytes both ways, late and in pieces", async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    const { client, server, network } = createTransportPair({
      clock,
      network: { delay: 50, fragment: 7 },
    });
    const echoing = server.readable.pipeTo(server.writable);
    const heard = new Response(client.readable).bytes();
    await new Blob([BYTES]).stream().pipeTo(client.writable);
    assertEquals(await heard, BYTES);
    await echoing;
    assertEquals(network.captured, { toServer: BYTES, toClient: BYTES });
    assertEquals(clock.now() > start + 50, true);
  });

  it("lets time pass only as it is told", async () => {
    const pair = createTransportPair({
      network: { delay: 50 },
      autoAdvance: false,
    });
    const start = pair.clock.now();
    await pair.client.writable.getWriter().write(BYTES);
    let heard: Uint8Array | undefined;
    const reading = pair.server.readable.getReader().read().then(
      ({ value }) => void (heard = value),
    );
    await pair.advance(49);
    assertEquals(heard, undefined);
    await pair.advance(1);
    await reading;
    assertEquals([heard, pair.clock.now()], [BYTES, start + 50]);
  });

  it("changes, truncates and resets", async () => {
    const corrupt = { at: 3, xor: 0xff };
    const heard = async (toServer: NetworkOptions["toServer"]) => {
      const { client, server } = createTransportPair({ network: { toServer } });
      const writing = new Blob([BYTES]).stream().pipeTo(client.writable);
      writing.catch(() => {});
      return await new Response(server.readable).bytes();
    };
    assertEquals(
      await heard({ corrupt, truncate: { at: 5 } }),
      new Uint8Array([0, 1, 2, 0xfc, 4]),
    );
    await assertRejects(
      () => heard({ drop: { atByte: 5 } }),
      Error,
      "The connection was reset",
    );
  });

  it("takes no option that isn't one, nor faults that can't come", () => {
    const make = (options: object) => () => createTransportPair(options);
    assertThrows(make({ net: {} }), TypeError, "options.net is not an option");
    assertThrows(
      make({ clock: Date }),
      TypeError,
      "options.clock must be a VirtualClock, received a function",
    );
    assertThrows(
      make({ autoAdvance: 1 }),
      TypeError,
      "options.autoAdvance must be a boolean, received 1",
    );
    for (
      const faults of [
        { drop: { atMessage: 0 } },
        { corrupt: { at: { message: 0 } } },
      ]
    ) {
      for (const name of ["toServer", "toClient"]) {
        assertThrows(
          make({ network: { [name]: faults } }),
          TypeError,
          `network.${name} can't have a fault at a handshake message`,
        );
      }
    }
  });
});
