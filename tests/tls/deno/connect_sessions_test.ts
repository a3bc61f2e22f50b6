import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import {
  type ConnectTlsOptions,
  listenTls,
  type SessionStore,
  TlsContext,
  TlsError,
  type TlsSession,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { createTestCertificate } from "@sesame/tls/testing";
import { certificate } from "../../support/engines.ts";
import {
  NOTHING_LEFT,
  say,
  settle,
  tlsErrorOf,
} from "../../support/sockets.ts";
import { AsyncStore } from "../../testdata/async_store.ts";
import { ClientLab } from "../../support/client_lab.ts";
import { HOSTNAME } from "../../support/listeners.ts";

const { cert, key } = certificate;
const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
const lab = new ClientLab();

for (const version of VERSIONS) {
  describe(`A client's ${version} sessions in a store`, NOTHING_LEFT, () => {
    beforeEach(() => lab.reset());

    it("resume, each time with the newest", async () => {
      using server = lab.serve({ maxVersion: version });
      assertEquals(await lab.resumes(server), false);
      assertEquals(lab.store.inner.size, 1);
      for (let i = 0; i < 3; i++) assertEquals(await lab.resumes(server), true);
      assertEquals(lab.store.inner.size, 1);
      assertEquals(lab.failures, []);
    });

    it("resume where the store's answers are promises", async () => {
      using server = lab.serve({ maxVersion: version });
      const sessions = new AsyncStore(new MemorySessionStore());
      assertEquals(await lab.resumes(server, { sessions }), false);
      assertEquals(await lab.resumes(server, { sessions }), true);
      assertEquals(lab.failures, []);
    });

    it("resume where the store can't take", async () => {
      using server = lab.serve({ maxVersion: version });
      const { inner } = lab.store;
      const sessions: SessionStore = {
        get: (id) => inner.get(id),
        set: (id, record, options) => inner.set(id, record, options),
        delete: (id, reason) => inner.delete(id, reason),
      };
      assertEquals(await lab.resumes(server, { sessions }), false);
      assertEquals(await lab.resumes(server, { sessions }), true);
      assertEquals(await lab.resumes(server, { sessions }), true);
    });

    it("are left in the store if they may be used again", async () => {
      using server = lab.serve({ maxVersion: version });
      await lab.visit(server, { singleUse: false });
      lab.operations();
      assertEquals(await lab.resumes(server, { singleUse: false }), true);
      assert(lab.operations().startsWith("get"));
    });

    it("come through the socket's stream as well", async () => {
      using server = lab.serve({ maxVersion: version });
      const socket = await lab.visit(server);
      const sessions: TlsSession[] = [];
      for await (const session of socket.sessions) sessions.push(session);
      assert(sessions.length > 0);
      const [session] = sessions;
      assert(session);
      assertEquals(
        await lab.resumes(server, { session }),
        true,
      );
    });
  });
}

describe("A client's sessions in a store", NOTHING_LEFT, () => {
  beforeEach(() => lab.reset());

  it("of TLS 1.3 are taken out to be used, those of 1.2 come back", async () => {
    for (
      const [maxVersion, expected] of [
        ["TLSv1.3", "take"],
        ["TLSv1.2", "take set"],
      ] as const
    ) {
      lab.reset();
      using server = lab.serve({ maxVersion });
      await lab.visit(server);
      lab.operations();
      const socket = await lab.connect(server);
      assertEquals(socket.info?.resumed, true);
      assertEquals(lab.operations(), expected);
      await socket.close();
    }
  });

  it("are one server's, under one trust, and one identity", async () => {
    using one = lab.serve();
    using another = lab.serve();
    const mine = createTestCertificate();
    await lab.visit(one);
    const differing: Partial<ConnectTlsOptions>[] = [
      { caCerts: [cert, mine.cert] },
      { cert: mine.cert, key: mine.key },
      { alpnProtocols: ["h2"] },
    ];
    assertEquals(await lab.resumes(another), false);
    for (const options of differing) {
      assertEquals(await lab.resumes(one, options), false);
      assertEquals(await lab.resumes(one, options), true);
    }
    assertEquals(await lab.resumes(one), true);
    const id = new TextDecoder().decode(lab.store.calls[0]?.id);
    assertStringIncludes(id, `${HOSTNAME}:${one.addr.port}#`);
  });

  it("are none of a trust that was replaced", async () => {
    using server = lab.serve();
    using context = new TlsContext({ caCerts: [cert] });
    await lab.visit(server, { context });
    assertEquals(await lab.resumes(server, { context }), true);
    context.update({ caCerts: [createTestCertificate().cert] });
    await assertRejects(
      () => lab.visit(server, { context }),
      TlsError,
      "Cannot trust the peer's certificate",
    );
  });

  it("carry early data, as much as they allow", async () => {
    const early: string[] = [];
    const listener = listenTls({
      hostname: HOSTNAME,
      port: 0,
      cert,
      key,
      sessions: new MemorySessionStore(),
      singleUse: true,
      maxEarlyData: 10,
    });
    const serving = (async () => {
      for await (const socket of listener) {
        early.push(await new Response(socket.earlyData).text());
        await say(socket, "hello");
        await socket.close();
      }
    })();
    const statuses: unknown[] = [];
    for (const text of ["none yet", "early", "too much of it"]) {
      const earlyData = new TextEncoder().encode(text);
      const { info } = await lab.visit(listener, { earlyData });
      statuses.push([info?.resumed, info?.earlyData]);
    }
    assertEquals(statuses, [[false, "none"], [true, "accepted"], [
      true,
      "none",
    ]]);
    listener.close();
    await serving;
    assertEquals(early, ["", "early", ""]);
  });

  it("don't outlive a connection that failed", async () => {
    const server = lab.serve();
    await lab.visit(server, { singleUse: false });
    assertEquals(lab.store.inner.size, 1);
    server.close();
    await settle(); // the port is free when accept() has failed
    using successor = lab.serve({
      port: server.addr.port,
      maxVersion: "TLSv1.2",
    });
    await tlsErrorOf(
      lab.visit(successor, { minVersion: "TLSv1.3", singleUse: false }),
      "handshake",
    );
    assertEquals(lab.store.inner.size, 0);
    assertEquals(lab.store.calls.at(-1)?.reason, "fatal");
  });
});
