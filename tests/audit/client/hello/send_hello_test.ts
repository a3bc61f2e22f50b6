import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { TlsTransport } from "@sesame/tls";
import type { HelloAnswer } from "../../../../src/audit/client/hello_types.ts";
import type { ClientSession } from "../../../../src/audit/client/session.ts";
import type { AuditClient } from "../../../../src/audit/client/audit_client.ts";
import { withoutKeyShares } from "../../../../src/audit/probes/hello_edits.ts";
import type { ResumptionKind } from "../../../../src/audit/finding.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import { answering } from "../answering.ts";
import { clientOf } from "../client_of.ts";

const KINDS = ["tls1.2-id", "tls1.2-ticket", "tls1.3"] as const;

async function sessionOf(
  client: AuditClient,
  kind: ResumptionKind,
): Promise<ClientSession> {
  const { sessions: [session] } = await client.visit(kind, {});
  assert(session);
  return session;
}

/** What the test of an answer looks at. */
function shown(
  { resumed, version, retried, messages, failure }: HelloAnswer,
): unknown[] {
  return [resumed, version, retried, messages, failure?.kind ?? null];
}

describe("A hello", () => {
  for (const kind of KINDS) {
    const version = kind === "tls1.3" ? "TLSv1.3" : "TLSv1.2";
    it(`resumes its session, whole and in pieces: ${kind}`, async () => {
      using server = new LibsslServer();
      using client = clientOf(server);
      for (
        const sizes of [
          {},
          { recordBytes: 50 },
          { writeBytes: 7 },
        ]
      ) {
        const session = await sessionOf(client, kind);
        const answer = await client.hello(kind, { session, ...sizes });
        assertEquals(answer.failure, null);
        const records = answer.trace.events.filter(({ type, from }) =>
          type === "record" && from === "client"
        );
        assertEquals(records.length > 1, "recordBytes" in sizes);
        assertEquals([answer.resumed, answer.version], [true, version]);
        assertEquals(answer.selectedIdentity, kind === "tls1.3" ? 0 : null);
      }
    });
  }

  it("without a session leads to a full handshake", async () => {
    using server = new LibsslServer();
    using client = clientOf(server);
    assertEquals(shown(await client.hello("tls1.3", {})), [
      false,
      "TLSv1.3",
      false,
      ["ServerHello"],
      null,
    ]);
    assertEquals(shown(await client.hello("tls1.2-id", {})), [
      false,
      "TLSv1.2",
      false,
      ["ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone"],
      null,
    ]);
  });

  it("resumes after a HelloRetryRequest, with both hashes", async () => {
    for (const suite of ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]) {
      using server = new LibsslServer({
        setUp: (libssl, ctx) =>
          void libssl.SSL_CTX_set_ciphersuites(ctx, suite),
      });
      using client = clientOf(server);
      const session = await sessionOf(client, "tls1.3");
      const options = { session, edit: withoutKeyShares };
      assertEquals(shown(await client.hello("tls1.3", options)), [
        false,
        "TLSv1.3",
        true,
        ["HelloRetryRequest"],
        null,
      ]);
      const answer = await client.hello("tls1.3", {
        ...options,
        editSecond: () => {},
      });
      assertEquals(shown(answer), [
        true,
        "TLSv1.3",
        true,
        ["HelloRetryRequest", "ServerHello"],
        null,
      ]);
    }
  });

  it("has a trace of both sides", async () => {
    using server = new LibsslServer();
    using client = clientOf(server);
    const session = await sessionOf(client, "tls1.2-id");
    const { trace } = await client.hello("tls1.2-id", { session });
    assertEquals(
      trace.events.filter(({ type }) => type !== "record")
        .map((event) => "arrival" in event && event.arrival),
      ["received", "received", "received"],
    );
    assertEquals(trace.flights.map(({ from }) => from), ["client", "server"]);
  });

  it("is the same with the same seed", async () => {
    using server = new LibsslServer();
    using client = clientOf(server);
    const session = await sessionOf(client, "tls1.3");
    const options = { session, seed: "a" };
    const [one, other] = [
      await client.hello("tls1.3", options),
      await client.hello("tls1.3", options),
    ];
    const [first, second] = [one, other].map(({ trace }) =>
      trace.messages({ from: "client" }).map(({ message }) => message)
    );
    assertEquals(first, second);
  });

  it("ends with the audit", async () => {
    const ended = new AbortController();
    const connect = (): TlsTransport => ({
      readable: new ReadableStream(),
      writable: new WritableStream({
        write: () => ended.abort(new Error("enough")),
      }),
    });
    using client = clientOf({ connect, signal: ended.signal });
    await assertRejects(() => client.hello("tls1.3", {}), Error, "enough");
  });
});

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
