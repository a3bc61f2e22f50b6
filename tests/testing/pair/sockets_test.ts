/** Pairs of sockets of `@sesame/tls/testing`. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FakeTime } from "@std/testing/time";
import { TlsError } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { VirtualClock } from "../../../src/testing/clock.ts";
import { Network } from "../../../src/testing/network.ts";
import {
  createTlsPair,
  createTlsSocketPair,
  type TlsSocketPair,
  type TlsSocketPairOptions,
} from "../../../src/testing/pair.ts";
import { NetworkStreams } from "../../../src/testing/pair/streams.ts";
import { createTlsSandbox } from "../../../src/testing/sandbox.ts";

const SANITIZED = { sanitizeOps: true, sanitizeResources: true };

/** Sends all of `data` from the client, which the server returns. */
async function echoed(
  { client, server }: TlsSocketPair,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  server.readable.pipeTo(server.writable).catch(() => {});
  const heard = new Response(client.readable).bytes();
  heard.catch(() => {});
  await new Blob([data]).stream().pipeTo(client.writable);
  return await heard;
}

/** What both ends fail with, as codes: one that is open sees it when it reads. */
async function failures({ client, server }: TlsSocketPair): Promise<string[]> {
  const errors = await Promise.all(
    [client, server].map(({ readable }) =>
      assertRejects(() => readable.getReader().read(), TlsError)
    ),
  );
  return errors.map(({ code }) => code);
}

describe("createTlsSocketPair", SANITIZED, () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    for (
      const network of [
        {},
        { fragment: 1 },
        { delay: 20 },
        { fragment: 100, delay: (n: number) => n % 5 },
      ]
    ) {
      const how = JSON.stringify({ maxVersion, ...network });
      it(`carries data both ways (${how})`, async () => {
        await using pair = createTlsSocketPair({
          seed: "sockets",
          client: { maxVersion },
          network,
        });
        const data = new Uint8Array(30_000).map((_, i) => i * 3);
        assertEquals(await echoed(pair, data), data);
        assertEquals(pair.client.info?.protocol, maxVersion);
        await Promise.all([pair.client.closed, pair.server.closed]);
        const [hello] = pair.trace.messages({ name: "ClientHello" });
        assertEquals(hello?.arrival, "received");
        assertEquals(
          pair.clock.now() > new VirtualClock().now(),
          "delay" in network,
        );
      });
    }
  }

  it("resumes what a pair of engines was given, by way of one sandbox", async () => {
    const sandbox = createTlsSandbox({ seed: "both" });
    const sessions = new MemorySessionStore({ now: sandbox.clock.now });
    using engines = createTlsPair({ sandbox, server: { sessions } });
    await engines.handshake();
    const { session } = engines.client;
    assert(session);
    await using pair = createTlsSocketPair({
      sandbox,
      client: { session },
      server: { sessions },
    });
    await Promise.all([pair.client.opened, pair.server.opened]);
    assertEquals(pair.server.resumption, { resumed: true, from: "store" });
    assert(pair.trace.keyLog.includes("CLIENT_TRAFFIC_SECRET_0"));
  });

  it("has a client refuse a bad certificate, and the server hear of it", async () => {
    const sandbox = createTlsSandbox({ seed: "bad" });
    await using pair = createTlsSocketPair({
      sandbox,
      server: sandbox.pki.expired,
      network: { delay: 5 },
    });
    assertEquals(await failures(pair), ["certificate", "handshake"]);
    const error = await assertRejects(() => pair.server.opened, TlsError);
    assertEquals(error.alert, "certificate expired");
  });

  it("fails the transport where the connection is reset", async () => {
    for (const drop of [{ atByte: 0 }, { atByte: 100 }, { atMessage: 1 }]) {
      for (const direction of ["toServer", "toClient"]) {
        await using pair = createTlsSocketPair({
          network: { [direction]: { drop } },
        });
        assertEquals(await failures(pair), ["transport", "transport"]);
        assertEquals(pair.network.isDead, true);
      }
    }
  });

  it("fails what is written and read when the connection is reset later", async () => {
    await using pair = createTlsSocketPair({
      network: { toServer: { drop: { atByte: 20_000 } } },
    });
    const data = new Uint8Array(100_000);
    const error = await assertRejects(() => echoed(pair, data), TlsError);
    assertEquals(error.code, "transport");
    assertEquals(pair.network.isDead, true);
    await assertRejects(() => pair.client.closed, TlsError);
    await assertRejects(() => pair.server.closed, TlsError);
  });

  it("ends the transport where the stream is truncated", async () => {
    for (const at of [0, 100]) {
      await using pair = createTlsSocketPair({
        network: { toClient: { truncate: { at } } },
      });
      const error = await assertRejects(() => pair.client.opened, TlsError);
      assertEquals(error.code, "truncated");
      await assertRejects(() => pair.server.opened, TlsError);
    }
  });

  it("fails on a changed byte with an alert", async () => {
    await using pair = createTlsSocketPair({
      network: { toClient: { corrupt: { at: { message: 3, byte: 20 } } } },
    });
    assertEquals(await failures(pair), ["handshake", "handshake"]);
    const error = await assertRejects(() => pair.server.opened, TlsError);
    assertEquals(error.alert, "bad record mac");
  });

  it("waits for the clock if told, with FakeTime for the sockets' timers", async () => {
    using time = new FakeTime();
    const pair = createTlsSocketPair({
      network: { delay: 50 },
      autoAdvance: false,
      handshakeTimeout: 1_000,
    });
    const start = pair.clock.now();
    const failed = failures(pair);
    await time.tickAsync(999);
    assertEquals(pair.clock.now(), start);
    assertEquals(pair.network.underway("server") > 0, true);
    await time.tickAsync(1);
    assertEquals(await failed, ["timeout", "timeout"]);
    const closed = pair.close();
    await time.tickAsync(10_000);
    await closed;
  });

  it("delivers what arrives while the clock is moved by hand", async () => {
    await using pair = createTlsSocketPair({
      network: { delay: 50 },
      autoAdvance: false,
    });
    const start = pair.clock.now();
    const opened = Promise.all([pair.client.opened, pair.server.opened]);
    let isOpen = false;
    opened.then(() => isOpen = true);
    await pair.advance(149);
    assertEquals(isOpen, false);
    await pair.advance(1);
    await opened;
    assertEquals(pair.clock.now() - start, 150);
    await assertRejects(() => pair.advance(-1), RangeError, "received -1");
    // Goodbyes are under way too.
    await Promise.all([pair.close(), pair.advance(500)]);
  });

  it("gives the same bytes at the same times for the same seed", async () => {
    const run = async (): Promise<string> => {
      await using pair = createTlsSocketPair({
        seed: "same",
        network: { delay: (n) => 5 + n % 3 },
        redact: false,
      });
      await echoed(pair, new Uint8Array(10_000));
      await Promise.all([pair.client.closed, pair.server.closed]);
      return JSON.stringify([...pair.trace.transcript, pair.trace]);
    };
    assertEquals(await run(), await run());
  });

  it("fails both ends when a delay is nonsense", async () => {
    await using pair = createTlsSocketPair({ network: { delay: () => NaN } });
    const error = await assertRejects(() => pair.client.opened, TlsError);
    assert(error.cause instanceof RangeError);
    await assertRejects(() => pair.server.opened, TlsError);
  });

  it("has a writer wait for a reader", async () => {
    await using pair = createTlsSocketPair();
    await Promise.all([pair.client.opened, pair.server.opened]);
    const writer = pair.client.writable.getWriter();
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 100; i++) {
        await writer.write(new Uint8Array(10_000));
        written += 10_000;
      }
      await writer.close();
    })();
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assert(written < 500_000, `${written} bytes`);
    let read = 0;
    for await (const chunk of pair.server.readable) read += chunk.length;
    await writing;
    assertEquals([read, written], [1_000_000, 1_000_000]);
  });

  const wrong: [string, unknown, string][] = [
    [
      "TypeError",
      { autoAdvance: 1 },
      "options.autoAdvance must be a boolean, received 1",
    ],
    [
      "RangeError",
      { handshakeTimeout: 0 },
      "options.handshakeTimeout must be a whole number from 1 to 2147483647, received 0",
    ],
    [
      "TypeError",
      { fragment: 1 },
      "options.fragment is not an option of createTlsSocketPair",
    ],
    [
      "TypeError",
      { client: { hostname: "" } },
      'options.client.hostname must be a host name or IP address, without scheme or port, received ""',
    ],
  ];
  for (const [name, options, message] of wrong) {
    it(`refuses: ${message}`, () => {
      const error = assertThrows(
        () => createTlsSocketPair(options as TlsSocketPairOptions),
        Error,
      );
      assertEquals([error.name, error.message], [name, message]);
    });
  }
});

describe("The streams of a pair", SANITIZED, () => {
  /** Transports on a network. */
  function newStreams(
    isManual = false,
  ): { streams: NetworkStreams; network: Network; clock: VirtualClock } {
    const clock = new VirtualClock(0);
    const network = new Network({ delay: 10 }, { clock });
    return {
      streams: new NetworkStreams(network, clock, isManual),
      network,
      clock,
    };
  }

  it("reset the other end when a writer aborts", async () => {
    const { streams } = newStreams();
    const { client, server } = {
      client: streams.transport("client"),
      server: streams.transport("server"),
    };
    const writer = client.writable.getWriter();
    await writer.write(new Uint8Array([1]));
    const reader = server.readable.getReader();
    assertEquals((await reader.read()).value, new Uint8Array([1]));
    writer.abort().catch(() => {});
    await assertRejects(() => reader.read(), Error, "reset");
    await assertRejects(
      () => server.writable.getWriter().write(new Uint8Array([1])),
      Error,
      "reset",
    );
  });

  it("lose what an end doesn't want any more, and let its peer write", async () => {
    const { streams } = newStreams();
    await streams.transport("server").readable.cancel();
    const writer = streams.transport("client").writable.getWriter();
    for (let i = 0; i < 10; i++) await writer.write(new Uint8Array(16_384));
    await writer.close();
  });

  it("keep the time of what is done at once the same", async () => {
    const { streams, clock } = newStreams();
    const writer = streams.transport("client").writable.getWriter();
    const reader = streams.transport("server").readable.getReader();
    const writes = [writer.write(new Uint8Array([1])), writer.close()];
    assertEquals((await reader.read()).value, new Uint8Array([1]));
    assertEquals((await reader.read()).done, true);
    await Promise.all(writes);
    assertEquals(clock.now(), 10);
  });

  it("move the clock to the end of what was asked for", async () => {
    const { streams, clock } = newStreams(true);
    await streams.advance(25);
    assertEquals(clock.now(), 25);
  });
});
