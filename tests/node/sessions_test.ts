import { Buffer } from "node:buffer";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import tls, {
  type ConnectionOptions,
  type Server,
  type TLSSocket,
} from "../../src/node/mod.ts";
import { SSL_OP_NO_TICKET } from "../../src/libssl/mod.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { assertCode } from "../support/assert_code.ts";
import { offerIdentities } from "../support/client_hello.ts";
import { dial, part, PKI, serverOf, toldOf } from "../support/node_tls.ts";

const WITHOUT_TICKETS = { secureOptions: Number(SSL_OP_NO_TICKET) };
const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** A connection that hears a word from the server: whether it was resumed, and its newest session. */
async function visit(
  server: Server,
  options: ConnectionOptions = {},
): Promise<{ reused: boolean | null; session: Buffer }> {
  server.once("secureConnection", (socket: TLSSocket) => socket.end("hello"));
  const client = dial(server, options);
  let session: Buffer | undefined;
  client.on("session", (newest: Buffer) => session = newest);
  await once(client.resume(), "end");
  const reused = client.isSessionReused();
  session ??= client.getSession() ?? undefined;
  assert(session);
  client.destroy();
  return { reused, session };
}

/** Keeps a server's sessions as Node's documentation shows. */
function keepSessions(server: Server): Map<string, Buffer> {
  const kept = new Map<string, Buffer>();
  server.on("newSession", (id: Buffer, session: Buffer, done: () => void) => {
    kept.set(id.toString("hex"), session);
    setTimeout(done, 1);
  });
  server.on(
    "resumeSession",
    (id: Buffer, done: (error: null, session: Buffer | null) => void) => {
      setTimeout(() => done(null, kept.get(id.toString("hex")) ?? null), 1);
    },
  );
  return kept;
}

for (const version of VERSIONS) {
  const versions = { minVersion: version, maxVersion: version };

  describe(`sessions of node:tls, ${version}`, () => {
    it("resumes by listeners of newSession and resumeSession that take time", async () => {
      const server = serverOf({ ...versions, ...WITHOUT_TICKETS });
      const kept = keepSessions(server);
      const { reused, session } = await visit(server);
      assertEquals(reused, false);
      assert(kept.size > 0);
      assertEquals((await visit(server, { session })).reused, true);
    });

    it("resumes at another server that has the sessions", async () => {
      const [first, second] = [1, 2].map(() =>
        serverOf({ ...versions, ...WITHOUT_TICKETS })
      ) as [Server, Server];
      const kept = keepSessions(first);
      const { session } = await visit(first);
      const all = keepSessions(second);
      for (const [id, data] of kept) all.set(id, data);
      assertEquals((await visit(second, { session })).reused, true);
    });

    it("handshakes in full if resumeSession finds nothing", async () => {
      const server = serverOf({ ...versions, ...WITHOUT_TICKETS });
      const kept = keepSessions(server);
      const { session } = await visit(server);
      kept.clear();
      assertEquals((await visit(server, { session })).reused, false);
    });

    it("handshakes in full if resumeSession finds rubbish", async () => {
      const server = serverOf({ ...versions, ...WITHOUT_TICKETS });
      const kept = keepSessions(server);
      const { session } = await visit(server);
      for (const id of kept.keys()) kept.set(id, Buffer.from("rubbish"));
      assertEquals((await visit(server, { session })).reused, false);
    });

    it("ends the connection if resumeSession fails", async () => {
      const server = serverOf({ ...versions, ...WITHOUT_TICKETS });
      keepSessions(server);
      const { session } = await visit(server);
      server.removeAllListeners("resumeSession");
      const failure = new Error("the database is gone");
      server.on(
        "resumeSession",
        (_id: Buffer, done: (error: Error) => void) => done(failure),
      );
      assertEquals(await toldOf(server, { session }), failure);
    });

    it("lets the client have nothing before newSession is done", async () => {
      const server = serverOf({ ...versions, ...WITHOUT_TICKETS });
      const waiting: (() => void)[] = [];
      const asked = new Promise<void>((resolve) =>
        server.on(
          "newSession",
          (_id: Buffer, _data: Buffer, done: () => void) => {
            waiting.push(done);
            resolve();
          },
        )
      );
      const accepted = once(server, "secureConnection");
      const events: string[] = [];
      server.on("secureConnection", () => events.push("accepted"));
      const client = dial(server);
      client.on("session", () => events.push("session"));
      await asked;
      await new Promise((resolve) => setTimeout(resolve, 5));
      assertEquals(events, []);
      // A server of TLS 1.3 asks once for each ticket.
      server.removeAllListeners("newSession");
      for (const done of waiting) done();
      const [socket] = await accepted;
      await part({ client, server: socket });
    });

    it("resumes by tickets under keys that servers share", async () => {
      const ticketKeys = Buffer.alloc(48, "k");
      const servers = [1, 2].map(() => serverOf({ ...versions, ticketKeys }));
      const [first, second] = servers as [Server, Server];
      const { session } = await visit(first);
      assertEquals((await visit(second, { session })).reused, true);
      assertEquals(first.getTicketKeys(), ticketKeys);
    });

    it("doesn't resume by tickets under keys that were replaced", async () => {
      const server = serverOf(versions);
      const { session } = await visit(server);
      assertEquals((await visit(server, { session })).reused, true);
      server.setTicketKeys(Buffer.alloc(48, "n"));
      assertEquals((await visit(server, { session })).reused, false);
    });

    it("doesn't resume a session of another context", async () => {
      const ticketKeys = Buffer.alloc(48, "k");
      const { session } = await visit(
        serverOf({ ...versions, ticketKeys, sessionIdContext: "one" }),
      );
      const other = serverOf({
        ...versions,
        ticketKeys,
        sessionIdContext: "other",
      });
      assertEquals((await visit(other, { session })).reused, false);
    });

    it("resumes from a store that servers share", async () => {
      const sessions = new MemorySessionStore();
      const servers = [1, 2].map(() => serverOf({ ...versions, sessions }));
      const [first, second] = servers as [Server, Server];
      const { session } = await visit(first);
      assertEquals((await visit(second, { session })).reused, true);
    });

    it("doesn't resume for ever by resuming: a first handshake counts for a day", async () => {
      const { now } = Date;
      const sessions = new MemorySessionStore();
      const server = serverOf({
        ...versions,
        sessions,
        sessionTimeout: 80_000,
      });
      try {
        let { session } = await visit(server);
        const reused: (boolean | null)[] = [];
        for (const hours of [20, 40]) {
          Date.now = () => now() + hours * 3_600_000;
          const visited = await visit(server, { session });
          reused.push(visited.reused);
          session = visited.session;
        }
        assertEquals(reused, [true, false]);
      } finally {
        Date.now = now;
      }
    });

    it("proposes no session of a server of another name", async () => {
      const names = ["a.test", "b.test"];
      const server = serverOf({ ...versions, ...PKI.issue({ hosts: names }) });
      const [servername = "", other = ""] = names;
      const { session } = await visit(server, { servername });
      const again = await visit(server, { servername, session });
      assertEquals(again.reused, true);
      const elsewhere = await visit(server, { servername: other, session });
      assertEquals(elsewhere.reused, false);
    });

    it("tells the client of its session and ticket", async () => {
      const server = serverOf(versions);
      const accepted = once(server, "secureConnection");
      const client = dial(server);
      const told = once(client, version === "TLSv1.3" ? "session" : "secure");
      const [[socket]] = await Promise.all([accepted, told]);
      const session = version === "TLSv1.3"
        ? (await told)[0]
        : client.getSession();
      assert(Buffer.isBuffer(session));
      if (version === "TLSv1.2") assert(client.getTLSTicket());
      assertEquals(socket.getTLSTicket(), undefined);
      await part({ client, server: socket });
    });
  });
}

describe("sessions of node:tls, bad input", () => {
  it("looks up few of the sessions that a hello proposes", async () => {
    const server = serverOf();
    const asked: string[] = [];
    server.on("resumeSession", (id: Buffer, done: (error: null) => void) => {
      asked.push(id.toString("hex"));
      done(null);
    });
    const [ours, near] = duplexPair();
    const [far, theirs] = duplexPair();
    tls.connect({ socket: ours, servername: "localhost" });
    const [hello] = await once(near, "data");
    server.emit("connection", theirs);
    server.on("tlsClientError", () => {});
    const ids = [1, 2, 3, 4].map((fill) => new Uint8Array(32).fill(fill));
    far.write(offerIdentities(hello, ids));
    // Its answer, whatever it is.
    await once(far, "data");
    assertEquals(asked, ids.slice(0, 2).map((id) => id.toHex()));
    ours.destroy();
    theirs.destroy();
  });

  it("refuses what are no ticket keys", () => {
    const server = serverOf();
    const refused = [
      [undefined, "ERR_INVALID_ARG_TYPE"],
      ["k".repeat(48), "ERR_INVALID_ARG_TYPE"],
      [Buffer.alloc(47), "ERR_INTERNAL_ASSERTION"],
    ] as const;
    for (const [keys, code] of refused) {
      assertCode(() => server.setTicketKeys(keys as Buffer), code);
    }
    assertCode(
      () => serverOf({ ticketKeys: Buffer.alloc(47) }),
      "ERR_INVALID_ARG_VALUE",
    );
  });

  it("refuses what is no store", () => {
    for (const sessions of [{}, new Map(), new MemorySessionStore().get]) {
      assertCode(
        () => serverOf({ sessions: sessions as MemorySessionStore }),
        "ERR_INVALID_ARG_TYPE",
      );
    }
  });

  it("ends the connection if a listener answers twice", async () => {
    const server = serverOf({ maxVersion: "TLSv1.2", ...WITHOUT_TICKETS });
    keepSessions(server);
    const { session } = await visit(server);
    server.removeAllListeners("resumeSession");
    server.on(
      "resumeSession",
      (_id: Buffer, done: (error: null, session: null) => void) => {
        done(null, null);
        done(null, null);
      },
    );
    const { code } = await toldOf(server, { session });
    assertEquals(code, "ERR_MULTIPLE_CALLBACK");
  });
});
