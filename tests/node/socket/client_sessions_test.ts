/** Clients of node:tls whose sessions are in a store: `connect({ sessions })`. */
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  checkServerIdentity,
  connect,
  type ConnectionOptions,
  createSecureContext,
  getCACertificates,
  type Server,
  setDefaultCACertificates,
  type TlsServerOptions,
  type TLSSocket,
} from "../../../src/node/mod.ts";
import type { SessionStore } from "../../../src/stores/session_store.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { assertCode } from "../../support/assert_code.ts";
import { consoleErrors } from "../../support/console_errors.ts";
import { crlOf, pemOf } from "../../support/credentials.ts";
import { dial, PKI, serverOf } from "../../support/node_tls.ts";

/** A server that says a word to whoever comes. */
function talkingServer(options: TlsServerOptions = {}): Server {
  const server = serverOf(options);
  server.on("secureConnection", (socket: TLSSocket) => {
    socket.on("error", () => {}).end("hello");
  });
  return server;
}

/** A connection to a server that says a word: whether it was resumed. */
async function visit(
  server: Server,
  options: ConnectionOptions,
): Promise<boolean | null> {
  const client = dial(server, options);
  await once(client.resume(), "end");
  const reused = client.isSessionReused();
  client.destroy();
  // What is stored is stored after the event.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return reused;
}

/** Whether two connections, the second with other options, resumed. */
async function visits(
  first: ConnectionOptions,
  second: ConnectionOptions,
): Promise<(boolean | null)[]> {
  const server = talkingServer();
  const sessions = new MemorySessionStore();
  return [
    await visit(server, { sessions, ...first }),
    await visit(server, { sessions, ...second }),
  ];
}

const FULL = [false, false];
const RESUMED = [false, true];

describe("connect() of node:tls with a store of sessions", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`resumes again and again, ${version}`, async () => {
      const server = talkingServer({
        minVersion: version,
        maxVersion: version,
      });
      const sessions = new MemorySessionStore();
      const reused = [];
      for (let i = 0; i < 4; i++) {
        reused.push(await visit(server, { sessions }));
      }
      assertEquals(reused, [false, true, true, true]);
    });
  }

  it("resumes on connections that begin together", async () => {
    const server = talkingServer();
    const sessions = new MemorySessionStore();
    await visit(server, { sessions });
    const visits = [1, 2, 3].map(() => visit(server, { sessions }));
    assertEquals(await Promise.all(visits), [true, true, true]);
  });

  it("resumes with a context that means the same", async () => {
    const secureContext = createSecureContext({ ca: PKI.ca.cert });
    assertEquals(await visits({}, { secureContext }), RESUMED);
  });

  it("doesn't resume what was verified by other authorities", async () => {
    const ca = [PKI.ca.cert, PKI.otherCa.cert];
    assertEquals(await visits({ ca }, {}), FULL);
    assertEquals(await visits({ ca }, { ca: [...ca].reverse() }), RESUMED);
  });

  it("doesn't resume what was verified by a chain that may end anywhere", async () => {
    const ca = [PKI.ca.cert, PKI.intermediate.cert];
    const partial = { ca, allowPartialTrustChain: true };
    assertEquals(await visits(partial, { ca }), FULL);
    assertEquals(await visits(partial, partial), RESUMED);
  });

  it("removes the session of a connection that fails", async () => {
    const sessions = new MemorySessionStore();
    const server = talkingServer();
    await visit(server, { sessions });
    const [ours, theirs] = duplexPair();
    const client = connect({
      socket: ours,
      ca: PKI.ca.cert,
      servername: "localhost",
      sessions,
    });
    theirs.once("data", () => theirs.write("no TLS at all"));
    const [error] = await once(client, "error");
    assertMatch(error.code, /^ERR_SSL_/);
    assertEquals(await visit(server, { sessions }), false);
  });

  it("doesn't resume what was verified without a list of what is revoked", async () => {
    const crl = [PKI.ca, PKI.intermediate].map((issuer) =>
      pemOf("X509 CRL", crlOf(issuer))
    );
    assertEquals(await visits({}, { crl }), FULL);
    assertEquals(await visits({ crl }, { crl }), RESUMED);
  });

  it("doesn't resume what was verified by default certificates of before", async () => {
    const server = talkingServer();
    const sessions = new MemorySessionStore();
    const before = getCACertificates();
    try {
      setDefaultCACertificates([PKI.ca.cert]);
      const old = { secureContext: createSecureContext(), sessions };
      const reused = [await visit(server, { ...old, sessions: undefined })];
      setDefaultCACertificates([PKI.ca.cert, PKI.otherCa.cert]);
      const current = { secureContext: createSecureContext(), sessions };
      for (const options of [old, old, current, current]) {
        reused.push(await visit(server, options));
      }
      assertEquals(reused, [false, false, true, false, true]);
    } finally {
      setDefaultCACertificates(before);
    }
  });

  it("doesn't resume what was not verified", async () => {
    const careless = { rejectUnauthorized: false };
    assertEquals(await visits(careless, {}), FULL);
    assertEquals(await visits(careless, careless), RESUMED);
  });

  it("doesn't resume what another function has checked", async () => {
    const check = (): undefined => undefined;
    const other = { checkServerIdentity: check };
    assertEquals(await visits(other, {}), FULL);
    assertEquals(await visits(other, other), RESUMED);
    assertEquals(await visits({ checkServerIdentity }, {}), RESUMED);
  });

  it("doesn't resume for another host, or as another client", async () => {
    assertEquals(
      await visits({ rejectUnauthorized: false }, {
        rejectUnauthorized: false,
        servername: "other.example",
      }),
      FULL,
    );
    assertEquals(await visits({ port: 1 }, { port: 2 }), FULL);
    assertEquals(await visits(PKI.client, {}), FULL);
    assertEquals(await visits(PKI.client, PKI.client), RESUMED);
  });

  it("proposes a session of the caller's in place of the store's", async () => {
    const server = talkingServer();
    const asked: string[] = [];
    const sessions: SessionStore = {
      get: () => void asked.push("get"),
      set: () => void asked.push("set"),
      delete: () => void asked.push("delete"),
    };
    const client = dial(server);
    let session: Uint8Array | undefined;
    client.on("session", (newest: Uint8Array) => session = newest);
    await once(client.resume(), "end");
    assert(session);
    assertEquals(await visit(server, { sessions, session }), true);
    assertEquals(asked, []);
  });

  it("connects although the store fails, hangs or lies, and says so", async () => {
    const fail = (): never => {
      throw new Error("down");
    };
    const stores: SessionStore[] = [
      { get: fail, set: fail, delete: fail },
      { get: () => new Promise(() => {}), set: fail, delete: fail },
      { get: () => new Uint8Array(100), set: () => {}, delete: () => {} },
    ];
    for (const sessions of stores) {
      const errors = await consoleErrors(async () => {
        assertEquals(await visit(talkingServer(), { sessions }), false);
      });
      assert(errors.length > 0);
    }
  });

  it("is destroyed while it waits for the store", async () => {
    const found = Promise.withResolvers<undefined>();
    const sessions: SessionStore = {
      get: () => found.promise,
      set: () => {},
      delete: () => {},
    };
    const client = dial(serverOf(), { sessions });
    client.destroy();
    await once(client, "close");
    found.resolve(undefined);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(client.destroyed, true);
  });

  it("refuses what is no store", () => {
    assertCode(
      () => connect({ sessions: {} as SessionStore, port: 1 }),
      "ERR_INVALID_ARG_TYPE",
    );
  });
});
