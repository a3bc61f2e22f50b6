/** Client authentication after the handshake (RFC 8446, section 4.6.2). */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  listenTls,
  OpenSSL,
  TlsContext,
  type TlsContextOptions,
  TlsError,
  type TlsListener,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestPki } from "@sesame/tls/testing";
import {
  certificate,
  connected,
  type Ends,
  endsOf,
  exchange,
} from "../../support/engines.ts";
import { connections } from "../../../src/tls/engine/connection.ts";
import { Folder } from "../../support/temp_folder.ts";
import { describeWith, start } from "../../support/programs.ts";

const pki = createTestPki();
const SERVER = {
  cert: pki.server.cert,
  key: pki.server.key,
  caCerts: [pki.ca.cert],
  postHandshakeAuth: true,
};
const BARE = { caCerts: [pki.ca.cert], postHandshakeAuth: true };
const CLIENT = { ...BARE, cert: pki.client.cert, key: pki.client.key };
const SUBJECT = "CN=client";

/** A connection, after its handshake, which was without a client's certificate. */
function met(
  server: TlsContextOptions = {},
  client: TlsContextOptions = CLIENT,
): Ends {
  using serving = new TlsContext({ ...SERVER, ...server });
  using asking = new TlsContext(client);
  const ends = connected(serving, asking);
  assertEquals(ends.server.info?.peerCertificate, null);
  return ends;
}

describe("A client that is asked for its certificate after the handshake", () => {
  it("shows it, and is who it says from then on", async () => {
    using ends = met();
    const answer = ends.server.requestCertificate({ required: true });
    assert(ends.server.isAsking);
    exchange(ends);
    assert(!ends.server.isAsking);
    const shown = await answer;
    assertStringIncludes(shown?.subject ?? "", SUBJECT);
    assertEquals(ends.server.info?.peerCertificate, shown);
    // Data goes on, and it may be asked again.
    ends.client.write(Uint8Array.of(1, 2, 3));
    exchange(ends);
    assertEquals(ends.server.read().length, 3);
    const again = ends.server.requestCertificate();
    exchange(ends);
    assertEquals((await again)?.subject, shown?.subject);
  });

  it("isn't asked in a callback of another connection, which leaves no trace", async () => {
    using ends = met({}, BARE);
    const { libssl, ssl } = connections.get(ends.server);
    const mode = libssl.SSL_get_verify_mode(ssl);
    let error: unknown;
    const { promise, resolve } = Promise.withResolvers<void>();
    const context = new TlsContext({
      ...SERVER,
      keyLog: () => {
        try {
          ends.server.requestCertificate({ required: true });
        } catch (cause) {
          error = cause;
        }
        resolve();
      },
    });
    using asking = new TlsContext(BARE);
    using other = connected(context, asking);
    context.close();
    await promise;
    assert(error instanceof TlsError);
    assertEquals(error.code, "reentrant-call");
    assertEquals([ends.server.isAsking, other.server.isAsking], [false, false]);
    assertEquals(libssl.SSL_get_verify_mode(ssl), mode);
  });

  it("may have none, unless it must", async () => {
    using ends = met({}, BARE);
    const answer = ends.server.requestCertificate();
    exchange(ends);
    assertEquals(await answer, null);
    const refused = ends.server.requestCertificate({ required: true });
    const error = assertThrows(
      () => exchange(ends),
      TlsError,
      "peer did not return a certificate",
    );
    assertEquals(error.alert, "certificate required");
    assertEquals(await assertRejects(() => refused), error);
    assertThrows(() => exchange(ends), TlsError, "certificate required");
  });

  it("is refused by an alert if its certificate can't be trusted", async () => {
    const { cert, key } = pki.untrusted;
    using ends = met({}, { ...BARE, cert, key });
    const answer = ends.server.requestCertificate();
    assertThrows(() => exchange(ends), TlsError, "Cannot trust the peer's");
    const error = await assertRejects(() => answer, TlsError);
    assertEquals([error.code, error.alert], ["certificate", "unknown CA"]);
    assertEquals(ends.server.state, "failed");
    assertEquals(ends.server.info?.peerCertificate, null);
  });

  it("may leave without an answer", async () => {
    using ends = met();
    const closed = ends.server.requestCertificate();
    ends.client.close();
    ends.server.receive(ends.client.send());
    await assertRejects(() => closed, TlsError, "before the client answered");
    const other = met();
    const disposed = other.server.requestCertificate();
    other[Symbol.dispose]();
    const error = await assertRejects(() => disposed, TlsError);
    assertEquals(error.code, "closed");
  });

  it("isn't asked for ever", () => {
    using ends = met();
    const flood = (): void => {
      for (let i = 0; i < 10; i++) {
        ends.server.requestCertificate().catch(() => {});
        exchange(ends);
      }
    };
    assertThrows(flood, TlsError, "too many certificate requests");
    assertEquals(ends.client.error?.alert, "unexpected message");
  });
});

describe("requestCertificate() refuses", () => {
  it("what isn't a server that may ask", () => {
    using ends = met({ postHandshakeAuth: false });
    const { client, server } = ends;
    assertThrows(() => client.requestCertificate(), TypeError, "only servers");
    assertThrows(
      () => server.requestCertificate(),
      TypeError,
      "needs the options postHandshakeAuth and caCerts",
    );
    assertThrows(
      () => server.requestCertificate({ required: 1 as unknown as boolean }),
      TypeError,
      "options.required must be a boolean",
    );
    assertThrows(
      () => new TlsContext({ postHandshakeAuth: 1 as unknown as boolean }),
      TypeError,
      "options.postHandshakeAuth must be a boolean",
    );
  });

  it("clients that can't be asked, and a second question before the answer", () => {
    const reasons = [
      [{}, { ...CLIENT, postHandshakeAuth: false }, "extension not received"],
      [{ maxVersion: "TLSv1.2" }, CLIENT, "wrong ssl version"],
    ] as const;
    for (const [server, client, reason] of reasons) {
      using ends = met(server, client);
      const error = assertThrows(
        () => ends.server.requestCertificate(),
        TlsError,
        reason,
      );
      assertEquals([error.code, ends.server.state], ["protocol", "open"]);
    }
    using ends = met();
    ends.server.requestCertificate();
    assertThrows(() => ends.server.requestCertificate(), TlsError, "request");
    exchange(ends);
    assertStringIncludes(
      ends.server.info?.peerCertificate?.subject ?? "",
      SUBJECT,
    );
  });

  it("and changes nothing by it", async () => {
    using serving = new TlsContext({ ...SERVER, clientAuth: "require" });
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      using asking = new TlsContext({ ...BARE, maxVersion });
      using early = endsOf(serving, asking);
      assertThrows(() => early.server.requestCertificate(), TlsError);
      assertThrows(() => exchange(early), TlsError, "did not return");
    }
    using ends = met({}, BARE);
    const required = ends.server.requestCertificate({ required: true });
    assertThrows(() => ends.server.requestCertificate(), TlsError, "request");
    assertThrows(() => exchange(ends), TlsError, "did not return");
    await assertRejects(() => required, TlsError, "did not return");
  });
});

describe("Sessions and an answer after the handshake", () => {
  it("are of what was known when they were made", async () => {
    const sessions = new MemorySessionStore();
    using serving = new TlsContext({ ...SERVER, sessions });
    using asking = new TlsContext(CLIENT);
    using ends = connected(serving, asking);
    const [before] = ends.client.takeSessions();
    const answer = ends.server.requestCertificate();
    exchange(ends);
    await answer;
    const after = ends.client.takeSessions().at(-1);
    assert(before && after);
    const shown = [before, after].map((session) => {
      using resumed = connected(serving, asking, { session });
      assertEquals(resumed.server.resumption?.resumed, true);
      return resumed.server.info?.peerCertificate?.subject;
    });
    assertEquals(shown[0], undefined);
    assertStringIncludes(shown[1] ?? "", SUBJECT);
  });

  it("count from the proof that they stand for", async () => {
    let now = Date.now();
    const openssl = new OpenSSL({ clock: () => now });
    using serving = new TlsContext({
      ...SERVER,
      openssl,
      sessions: new MemorySessionStore({ now: () => now }),
      maxSessionAge: 3600,
    });
    using asking = new TlsContext({ ...CLIENT, openssl });
    using first = connected(serving, asking);
    const session = first.client.takeSessions().at(-1);
    assert(session);
    now += 3_000_000;
    using second = connected(serving, asking, { session });
    assertEquals(second.server.resumption?.resumed, true);
    const before = second.client.takeSessions().at(-1);
    const answer = second.server.requestCertificate({ required: true });
    exchange(second);
    await answer;
    const after = second.client.takeSessions().at(-1);
    assert(before && after);
    now += 1_000_000;
    const resumed = [before, after].map((session) => {
      using visit = connected(serving, asking, { session });
      return visit.server.resumption?.resumed;
    });
    assertEquals(resumed, [false, true]);
  });

  it("don't resume where others are trusted, or nobody may ask", async () => {
    const sessions = new MemorySessionStore();
    using serving = new TlsContext({ ...SERVER, sessions });
    using asking = new TlsContext(CLIENT);
    using ends = connected(serving, asking);
    const answer = ends.server.requestCertificate();
    exchange(ends);
    await answer;
    const session = ends.client.takeSessions().at(-1);
    assert(session);
    const others: TlsContextOptions[] = [
      { caCerts: [pki.ca.cert, certificate.cert] },
      { postHandshakeAuth: false },
    ];
    for (const other of others) {
      using context = new TlsContext({ ...SERVER, sessions, ...other });
      using visit = connected(context, asking, { session });
      assertEquals(visit.server.resumption, {
        resumed: false,
        reason: "context-mismatch",
      });
    }
  });
});

describe("TlsSocket.requestCertificate()", () => {
  it("asks while nobody reads, and says who the client is", async () => {
    using listener = listenTls({ hostname: "localhost", port: 0, ...SERVER });
    const serving = serve(listener);
    await using socket = await connectTls({
      hostname: "localhost",
      port: listener.addr.port,
      ...CLIENT,
    });
    const writer = socket.writable.getWriter();
    await writer.write(encode("unread before the answer"));
    const text = await new Response(socket.readable).text();
    await writer.close();
    assertStringIncludes(text, SUBJECT);
    assertEquals(await serving, "unread before the answer");
  });

  /** Says who the client is, and gives what it says. */
  async function serve(listener: TlsListener): Promise<string> {
    await using socket = await listener.accept();
    await socket.opened;
    const shown = await socket.requestCertificate({ required: true });
    assertEquals(socket.info?.peerCertificate, shown);
    const writer = socket.writable.getWriter();
    await writer.write(encode(shown?.subject ?? ""));
    await writer.close();
    return await new Response(socket.readable).text();
  }
});

describeWith(
  "openssl",
  "Authentication after the handshake with OpenSSL",
  () => {
    it("is answered by s_client -enable_pha", async () => {
      await using folder = await Folder.make();
      const files = await written(folder, CLIENT);
      using listener = listenTls({ hostname: "127.0.0.1", port: 0, ...SERVER });
      await using client = start("openssl", [
        "s_client",
        "-connect",
        `127.0.0.1:${listener.addr.port}`,
        "-enable_pha",
        ...files,
      ]);
      await using socket = await listener.accept();
      await socket.opened;
      assertEquals(socket.info?.peerCertificate, null);
      const shown = await socket.requestCertificate({ required: true });
      assertStringIncludes(shown?.subject ?? "", SUBJECT);
      await client.write("Q\n");
    });

    it("is given to s_server, when it is told to ask", async () => {
      await using folder = await Folder.make();
      const files = await written(folder, SERVER);
      await using asking = start("openssl", [
        "s_server",
        "-accept",
        "127.0.0.1:0",
        "-tls1_3",
        "-naccept",
        "1",
        ...files,
      ]);
      const port = Number((await asking.printed("ACCEPT")).split(":").at(-1));
      await using socket = await connectTls({
        hostname: "localhost",
        port,
        ...CLIENT,
      });
      const reading = new Response(socket.readable).text().catch(() => {});
      await asking.printed("CIPHER is");
      await asking.write("c\n");
      assertStringIncludes(await asking.printed("depth=0"), "client");
      await asking.printed("verify return:1");
      await asking.write("Q\n");
      // It leaves without close_notify.
      await reading;
    });
  },
);

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A certificate with its chain, and whom to trust, in files for `openssl`. */
async function written(
  folder: Folder,
  { cert, key }: { cert: string; key: string },
): Promise<string[]> {
  const texts = { cert, cert_chain: cert, key, CAfile: pki.ca.cert };
  const files = Object.entries(texts).map(async ([name, text]) => {
    const path = folder.path(`its-${name}`);
    await Deno.writeTextFile(path, text);
    return [`-${name}`, path];
  });
  return (await Promise.all(files)).flat();
}
