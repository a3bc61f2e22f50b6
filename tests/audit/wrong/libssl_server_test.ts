import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type EarlyDataStatus,
  startTls,
  TlsContext,
  TlsError,
  type TlsSession,
} from "@sesame/tls";
import { OpenSSL } from "../../../src/libssl/mod.ts";
import { seededEntropy } from "../../../src/testing/entropy.ts";
import { LibsslServer, PKI } from "./libssl_server.ts";

const REQUEST = new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n");

/** What came of a connection. */
interface Visit {
  resumed: boolean;
  status: EarlyDataStatus;
  text: string;
  session: TlsSession | undefined;
  said: Uint8Array[];
}

/** Connects with a client that is always the same. */
async function visit(
  server: LibsslServer,
  options: {
    maxVersion?: "TLSv1.2" | "TLSv1.3";
    session?: TlsSession | undefined;
    certificate?: { cert: string; key: string };
    earlyData?: Uint8Array;
  } = {},
): Promise<Visit> {
  const { maxVersion, session, certificate, earlyData } = options;
  using context = new TlsContext({
    openssl: new OpenSSL({
      entropy: seededEntropy("client"),
      clock: server.clock.now,
    }),
    caCerts: [PKI.ca.cert],
    ...certificate,
    ...(maxVersion && { maxVersion }),
  });
  const transport = server.connect();
  const said: Uint8Array[] = [];
  const readable = transport.readable.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller): void {
        said.push(chunk.slice());
        controller.enqueue(chunk);
      },
    }),
  );
  const socket = startTls({ readable, writable: transport.writable }, {
    role: "client",
    context,
    hostname: "localhost",
    ...(session && { session }),
    ...(earlyData && { earlyData }),
  });
  const { resumed, earlyData: status } = await socket.handshake();
  if (status !== "accepted") {
    await socket.writable.getWriter().write(REQUEST);
  }
  const text = await new Response(socket.readable).text();
  await socket.close();
  const given = await Array.fromAsync(socket.sessions);
  return { resumed, status, text, session: given.at(-1), said };
}

describe("A server of raw libssl", () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`resumes, ${maxVersion}`, async () => {
      using server = new LibsslServer();
      const first = await visit(server, { maxVersion });
      assertEquals(first.resumed, false);
      assertEquals(first.text.slice(-2), "ok");
      const { session } = first;
      const again = await visit(server, { maxVersion, session });
      assertEquals(again.resumed, true);
    });
  }

  it("reads early data", async () => {
    using server = new LibsslServer({ maxEarlyData: 100 });
    const { session } = await visit(server);
    const again = await visit(server, { session, earlyData: REQUEST });
    assertEquals([again.status, again.text.slice(-2)], ["accepted", "ok"]);
    const replayed = await visit(server, { session, earlyData: REQUEST });
    assertEquals([replayed.status, replayed.resumed], ["rejected", false]);
  });

  it("asks for a certificate of whom it trusts", async () => {
    using server = new LibsslServer({ trust: [PKI.ca.cert] });
    const { session } = await visit(server, { certificate: PKI.client });
    await assertRejects(() => visit(server), TlsError, "certificate");
    server.trust(server.ctx, [PKI.otherCa.cert]);
    await assertRejects(() => visit(server, { certificate: PKI.client }));
    // OpenSSL itself doesn't look again.
    assertEquals((await visit(server, { session })).resumed, true);
  });

  it("says the same again with the same seed", async () => {
    const said = async (seed: string): Promise<Uint8Array[]> => {
      using server = new LibsslServer({ seed });
      return (await visit(server)).said;
    };
    assertEquals(await said("a"), await said("a"));
    assertNotEquals(await said("a"), await said("b"));
  });
});
