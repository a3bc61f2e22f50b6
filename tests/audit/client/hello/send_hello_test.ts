import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertRejects } from "@std/assert";
import type { TlsTransport } from "@sesame/tls";
import type { HelloAnswer } from "../../../../src/audit/client/hello_types.ts";
import { withoutKeyShares } from "../../../../src/audit/probes/hello_edits.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import { clientOf, sessionOf } from "../client_of.ts";

const KINDS = ["tls1.2-id", "tls1.2-ticket", "tls1.3"] as const;

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
