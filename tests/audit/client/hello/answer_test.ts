/** What a server can answer to a hello. */
import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import type { TlsTransport } from "@sesame/tls";
import { answering } from "../answering.ts";
import { clientOf } from "../client_of.ts";

/** A ServerHello of TLS 1.2 without session id and extensions. */
const LEGACY_HELLO = Uint8Array.of(
  ...[22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3],
  ...new Uint8Array(32),
  ...[0, 0xc0, 0x2f, 0],
);
/** A HelloRetryRequest that asks for nothing, as a message. */
const RETRY = Uint8Array.of(
  ...[2, 0, 0, 46, 3, 3],
  ...[0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c],
  ...[0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb],
  ...[0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c],
  ...[0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4],
);
const RETRY_FOR_GROUP = Uint8Array.of(
  ...[2, 0, 0, 52],
  ...RETRY.subarray(4, -8),
  ...[0, 12, 0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0xff, 0xff],
);

describe("The answer of a server that", () => {
  const cases: readonly (readonly [
    what: string,
    connect: () => TlsTransport,
    kind: string,
    message: string,
  ])[] = [
    ["ends", answering(() => []), "closed", "the server closed the connection"],
    [
      "fails",
      answering(() => [], "fails"),
      "reset",
      "reset",
    ],
    [
      "is silent",
      answering(() => [], "is silent"),
      "timeout",
      "The answer to a ClientHello took longer than 50 ms",
    ],
    [
      "speaks no TLS",
      answering(() => [new TextEncoder().encode("220 mail.example\r\n")]),
      "error",
      "the server sent something else than TLS",
    ],
    [
      "sends an alert, a byte at a time",
      answering(() =>
        [21, 3, 3, 0, 2, 2, 40].map((byte) => Uint8Array.of(byte))
      ),
      "alert",
      "the server sent the alert handshake_failure",
    ],
    [
      "closes in order",
      answering(() => [Uint8Array.of(21, 3, 3, 0, 2, 1, 0)]),
      "closed",
      "the server closed the connection",
    ],
    [
      "sends an alert of three bytes",
      answering(() => [Uint8Array.of(21, 3, 3, 0, 3, 2, 40, 0)]),
      "error",
      "the server's alert is malformed",
    ],
    [
      "sends warnings without end",
      answering(endless(21, Uint8Array.of(1, 112))),
      "error",
      "the server sent more than 4096 records",
    ],
    [
      "sends empty records without end",
      answering(endless(22, new Uint8Array())),
      "error",
      "the server sent more than 4096 records",
    ],
    [
      "sends a message without end",
      answering(endless(22, new Uint8Array(16_384).fill(255))),
      "error",
      "the server sent more than 524288 bytes",
    ],
    [
      "sends a record that is too long",
      answering(() => [Uint8Array.of(22, 3, 3, 64, 1)]),
      "error",
      "the server sent something else than TLS",
    ],
    [
      "begins with another message",
      answering(() => [Uint8Array.of(22, 3, 3, 0, 4, 11, 0, 0, 0)]),
      "error",
      "the server's first message is no ServerHello",
    ],
    [
      "sends a ServerHello of no bytes",
      answering(() => [Uint8Array.of(22, 3, 3, 0, 4, 2, 0, 0, 0)]),
      "error",
      "the ServerHello is malformed",
    ],
    [
      "ends in its ServerHello",
      answering(() => [Uint8Array.of(22, 3, 3, 0, 5, 2, 0, 0, 70, 3)]),
      "closed",
      "the server closed the connection",
    ],
    [
      "sends two ServerHellos",
      answering(() => [LEGACY_HELLO, LEGACY_HELLO]),
      "error",
      "the server sent a ServerHello too many",
    ],
    [
      "resumes with a certificate",
      answering(() => [
        LEGACY_HELLO,
        Uint8Array.of(22, 3, 3, 0, 4, 11, 0, 0, 0),
        Uint8Array.of(20, 3, 3, 0, 1, 1),
      ]),
      "error",
      "the server's messages are in no order of TLS 1.2",
    ],
    [
      "asks for a retry again and again",
      answering(endless(22, RETRY)),
      "error",
      "the server sent a HelloRetryRequest too many",
    ],
    [
      "asks for a key share of a group that there isn't",
      answering(endless(22, RETRY_FOR_GROUP)),
      "error",
      "the server asked for a key share of 0xffff",
    ],
  ];
  for (const [what, connect, kind, message] of cases) {
    it(what, async () => {
      using client = clientOf({
        connect,
        timeout: kind === "timeout" ? 50 : 5000,
      });
      const answer = await client.hello("tls1.3", { editSecond: () => {} });
      assertEquals([answer.failure?.kind, answer.failure?.message], [
        kind,
        message,
      ]);
      assertEquals(answer.resumed, false);
    });
  }

  it("sends a warning is read on", async () => {
    const connect = answering(() => [
      Uint8Array.of(21, 3, 3, 0, 2, 1, 112),
      LEGACY_HELLO,
      Uint8Array.of(20, 3, 3, 0, 1, 1),
    ]);
    using client = clientOf({ connect });
    const answer = await client.hello("tls1.2-id", {});
    assertEquals([answer.resumed, answer.failure], [true, null]);
  });
});

/** Records of one content, as many as are read. */
function endless(
  type: number,
  content: Uint8Array,
): () => Generator<Uint8Array> {
  const { length } = content;
  const record = Uint8Array.of(type, 3, 3, length >> 8, length, ...content);
  return function* (): Generator<Uint8Array> {
    for (;;) yield record;
  };
}
