/** First flights that are sent again, as somebody can who has recorded them. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsTransport } from "@sesame/tls";
import { toHex } from "../../../src/internal/bytes.ts";
import { SSL_OP_NO_ANTI_REPLAY } from "../../../src/libssl/mod.ts";
import { findingsOf } from "../findings_of.ts";
import { LibsslServer } from "../wrong/libssl_server.ts";

/** The survey, a full handshake, and then a flight and its replays. */
const FLIGHTS = 4;

/** What a client writes before it has read anything, on each connection to a server. */
class Recorder {
  readonly flights: string[] = [];
  readonly #connect: () => TlsTransport;

  constructor(connect: () => TlsTransport) {
    this.#connect = connect;
  }

  readonly connect = (): TlsTransport => {
    const { readable, writable } = this.#connect();
    const index = this.flights.push("") - 1;
    let hasRead = false;
    const seen = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller): void => {
        if (!hasRead) this.flights[index] += toHex(chunk);
        controller.enqueue(chunk);
      },
    });
    const heard = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller): void => {
        hasRead = true;
        controller.enqueue(chunk);
      },
    });
    seen.readable.pipeTo(writable).catch(() => {});
    return { readable: readable.pipeThrough(heard), writable: seen.writable };
  };
}

async function replayed(seed: string): Promise<string[]> {
  using server = new LibsslServer({
    seed,
    maxEarlyData: 1000,
    setUp: (libssl, ctx) =>
      libssl.SSL_CTX_set_options(ctx, SSL_OP_NO_ANTI_REPLAY),
  });
  const recorder = new Recorder(server.connect);
  const { clock } = server;
  const [finding] = await findingsOf(
    { connect: recorder.connect, clock },
    "early-data/replay",
  );
  assertEquals(finding?.facts.accepted, FLIGHTS - 1);
  return recorder.flights.slice(-FLIGHTS);
}

describe("A first flight that is replayed", () => {
  it("is the same, byte for byte", async () => {
    const [first = "", ...replays] = await replayed("one");
    assert(first.length > 1000);
    assertEquals(new Set(replays), new Set([first]));
    const [other] = await replayed("two");
    assertNotEquals(other, first);
  });

  it("is of a moment: time that passes in between doesn't change it", async () => {
    using server = new LibsslServer({ maxEarlyData: 1000 });
    const recorder = new Recorder(server.connect);
    const { clock } = server;
    const [finding] = await findingsOf(
      { connect: recorder.connect, clock },
      "early-data/replay-after-restart",
      { change: () => clock.advance(5_000) },
    );
    assertEquals(finding?.verdict, "pass", finding?.summary);
    // Between them the server completes a handshake, and two follow that confirm the verdict.
    const [first, , replay] = recorder.flights.slice(-5);
    assertEquals(replay, first);
  });
});
