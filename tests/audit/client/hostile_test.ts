/** What a hostile server can do to an audit's connections. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Duplex } from "node:stream";
import { TlsError, type TlsTransport } from "@sesame/tls";
import { createTransportPair } from "@sesame/tls/testing";
import { LazyTrace } from "../../../src/audit/client/lazy_trace.ts";
import { LibsslServer } from "../wrong/libssl_server.ts";
import { answering } from "./answering.ts";
import { clientOf } from "./client_of.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

describe("A server that the audit's client visits", () => {
  const cases: [string, () => TlsTransport, string, string | RegExp][] = [
    ["ends", answering(() => []), "closed", /ended the connection/],
    ["fails", answering(() => [], "fails"), "reset", "reset"],
    [
      "is silent",
      answering(() => [], "is silent"),
      "timeout",
      "Full handshake in TLS 1.3 took longer than 30 ms",
    ],
    [
      "doesn't speak TLS",
      answering(() => [bytes("220 mail.example ESMTP\r\n")]),
      "error",
      /seems not to speak TLS/,
    ],
    [
      "sends an alert",
      answering(() => [Uint8Array.of(21, 3, 3, 0, 2, 2, 40)]),
      "alert",
      "the server sent the alert handshake_failure",
    ],
    [
      "sends warnings without end",
      answering(function* (): Generator<Uint8Array> {
        for (;;) yield Uint8Array.of(21, 3, 3, 0, 2, 1, 90);
      }),
      "error",
      /too many warn alerts|unexpected|ended the connection/,
    ],
  ];
  for (const [what, connect, kind, message] of cases) {
    it(`${what}: the visit says so`, async () => {
      using client = clientOf({ connect, timeout: 30 });
      const { open, failure, resumed, version } = await client.visit(
        "tls1.3",
        {},
      );
      assertEquals([open, resumed, version], [false, false, null]);
      assertEquals(failure?.kind, kind);
      if (typeof message === "string") assertEquals(failure?.message, message);
      else assert(message.test(failure?.message ?? ""), failure?.message);
    });
  }

  it("sends data without end: it is read no further than a mebibyte, and hardly kept", async () => {
    using server = new LibsslServer({
      answer: () => new Uint8Array(2 ** 21),
    });
    using client = clientOf({
      ...server,
      request: () => bytes("GET / HTTP/1.0\r\n\r\n"),
    });
    const { open, data, failure } = await client.visit("tls1.2-id", {});
    assertEquals([open, failure], [true, null]);
    assert(data.length >= 2 ** 16 && data.length < 2 ** 17);
  });

  it("sends messages without end: a mebibyte is read, and few are kept", async () => {
    const requests = new Uint8Array(9 * 1000);
    for (let at = 0; at < requests.length; at += 9) {
      requests.set([22, 3, 3, 0, 4, 0, 0, 0, 0], at);
    }
    using client = clientOf({
      connect: answering(function* (): Generator<Uint8Array> {
        for (;;) yield requests;
      }),
    });
    const { failure, trace } = await client.visit("tls1.2-id", {});
    assertEquals(failure?.message, "the server sent more than 1048576 bytes");
    assert(trace.events.length < 1_000, `${trace.events.length}`);
    assert(trace.toLadder().includes("too many, or too large, to be kept"));
  });

  it("sends large chunks: what is kept of one doesn't keep all of it", () => {
    const lazy = new LazyTrace(() => 0);
    const chunk = new Uint8Array(2 ** 21);
    lazy.wire("server", chunk.subarray(0, 5));
    chunk.fill(22);
    assertEquals(lazy.trace.transcript.includes(22), false);
  });

  it("reads nothing: the visit ends by its deadline", async () => {
    const connect = (): TlsTransport => ({
      readable: new ReadableStream(),
      writable: new WritableStream({ write: () => new Promise(() => {}) }),
    });
    using client = clientOf({ connect, timeout: 30 });
    const { failure } = await client.visit("tls1.3", {});
    assertEquals(failure?.kind, "timeout");
  });

  it("can't be connected to: the visit throws what connecting threw", async () => {
    const connect = (): TlsTransport => {
      throw new Deno.errors.ConnectionRefused("refused");
    };
    using client = clientOf({ connect });
    await assertRejects(
      () => client.visit("tls1.3", {}),
      Deno.errors.ConnectionRefused,
    );
  });

  it("is connected to too late: what connects then is ended", async () => {
    const { client: transport, server } = createTransportPair();
    const { promise, resolve } = Promise.withResolvers<TlsTransport>();
    using client = clientOf({ connect: () => promise, timeout: 20 });
    await assertRejects(() => client.visit("tls1.3", {}), TlsError, "20 ms");
    resolve(transport);
    await assertRejects(() => server.readable.getReader().read());
  });

  it("is connected to by what isn't a transport: the visit says so", async () => {
    for (
      const [wrong, message] of [
        [undefined, "transport.readable must be a ReadableStream"],
        [new Duplex(), "nodeTransport makes one of it"],
      ] as const
    ) {
      const connect = (): TlsTransport => wrong as unknown as TlsTransport;
      using client = clientOf({ connect });
      await assertRejects(
        () => client.visit("tls1.3", {}),
        TypeError,
        message,
      );
    }
  });

  it("isn't connected to when the audit is aborted", async () => {
    let count = 0;
    using client = clientOf({
      connect: () => {
        count++;
        return createTransportPair().client;
      },
      signal: AbortSignal.abort(new Error("enough")),
    });
    await assertRejects(() => client.visit("tls1.3", {}), Error, "enough");
    assertEquals(count, 0);
  });

  it("is left at once when the audit is aborted", async () => {
    const controller = new AbortController();
    const { client: transport } = createTransportPair();
    using client = clientOf({
      connect: () => transport,
      signal: controller.signal,
    });
    const visit = client.visit("tls1.3", {});
    controller.abort(new Error("enough"));
    await assertRejects(() => visit, Error, "enough");
  });
});
