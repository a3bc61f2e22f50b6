/** A client's sessions in a store, of which it keeps the newest. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type SessionStore, TlsError, type TlsSession } from "@sesame/tls";
import { ClientSessions } from "../../../src/tls/sessions/client_sessions.ts";
import { encodeSessionRecord } from "../../../src/tls/sessions/session_record.ts";
import { SANITIZED, Site } from "../../support/site.ts";

const BINDING = new Uint8Array(32).fill(1);

/** A site whose client keeps its sessions in the site's store. */
class ClientSite extends Site {
  /** What the client says and does, as one of its connections. */
  connection(
    { singleUse = true, store = this.store, binding = BINDING }: {
      singleUse?: boolean;
      store?: SessionStore;
      binding?: Uint8Array;
    } = {},
  ): ClientSessions {
    return new ClientSessions(this.openssl, binding, "a.test:443", {
      store,
      singleUse,
      lookupTimeout: 10_000,
      writeTimeout: 10_000,
      onStoreError: (error, operation) =>
        this.failures.push([operation, error]),
    });
  }

  /** A session of a server that has no store. */
  made(version: "TLSv1.2" | "TLSv1.3" = "TLSv1.3"): Promise<TlsSession> {
    return this.session(this.context(), { version });
  }

  /** The operations that the store was asked for. */
  get operations(): string {
    return this.store.calls.splice(0).map(({ operation }) => operation).join(
      " ",
    );
  }
}

describe("A client's sessions", SANITIZED, () => {
  it("are found for the same server by the same policy", async () => {
    using site = new ClientSite();
    const session = await site.made();
    await site.connection().keep(session);
    assertEquals(
      await site.connection({ binding: new Uint8Array(32) }).find(),
      undefined,
    );
    const found = await site.connection({ singleUse: false }).find();
    assertEquals(found?.toBytes(), session.toBytes());
    assert(await site.connection().find());
    assertEquals(await site.connection().find(), undefined);
    assertEquals(site.failures, []);
  });

  it("aren't found where the store can't give up what is used once", async () => {
    using site = new ClientSite();
    await site.connection().keep(await site.made());
    const { store } = site;
    const withoutTake: SessionStore = {
      get: (id) => store.get(id),
      set: (...args) => store.set(...args),
      delete: () => {
        throw new Error("down");
      },
    };
    assertEquals(
      await site.connection({ store: withoutTake }).find(),
      undefined,
    );
    assertEquals(site.failures.map(([operation]) => operation), ["delete"]);
    const gone = { ...withoutTake, delete: () => {} };
    assert(await site.connection({ store: gone }).find());
  });

  it("go back when they are resumed if they may be used again", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      using site = new ClientSite();
      const session = await site.made(version);
      await site.connection().keep(session);
      const finds = async (
        resumed: boolean,
        newer?: TlsSession,
      ): Promise<string> => {
        const connection = site.connection();
        assert(await connection.find());
        if (newer) await connection.keep(newer);
        site.operations;
        await connection.onOpen(resumed);
        return site.operations;
      };
      assertEquals(await finds(true), version === "TLSv1.2" ? "set" : "");
      await site.connection().keep(session);
      assertEquals(await finds(true, session), "");
      assertEquals(await finds(false), "");
      // Of a store that gave it for good, there is nothing to put back.
      await site.connection().keep(session);
      const shared = site.connection({ singleUse: false });
      assert(await shared.find());
      site.operations;
      await shared.onOpen(true);
      assertEquals(site.operations, "");
    }
  });

  it("are written one after the other, the newest last", async () => {
    using site = new ClientSite();
    const sessions = await Promise.all([1, 2, 3].map(() => site.made()));
    const { store } = site;
    store.handle = async (_call, act) => {
      await Promise.resolve();
      return act();
    };
    const connection = site.connection();
    await Promise.all(sessions.map((session) => connection.keep(session)));
    assertEquals(site.operations, "set set");
    const found = await site.connection().find();
    assertEquals(found?.toBytes(), sessions[2]?.toBytes());
    await connection.keep(await site.made());
    assert(await site.connection().find());
  });

  it("end with a connection that failed fatally, and with no other", async () => {
    using site = new ClientSite();
    const session = await site.made();
    const connection = site.connection({ singleUse: false });
    await connection.keep(session);
    site.operations;
    for (
      const error of [
        new TlsError("truncated", "other"),
        new TlsError("timeout", "other"),
        new TypeError("other"),
        undefined,
      ]
    ) await connection.onFailure(error);
    assertEquals(site.operations, "");
    for (const code of ["certificate", "handshake", "protocol"] as const) {
      await connection.onFailure(new TlsError(code, "fatal"));
    }
    assertEquals(site.operations, "delete delete delete");
    assertEquals(await connection.find(), undefined);
  });

  it("are neither written nor found once they have expired", async () => {
    using site = new ClientSite();
    const session = await site.made();
    await site.connection().keep(session);
    const [{ id } = { id: new Uint8Array() }] = site.store.calls;
    const record = site.store.inner.get(id) ?? new Uint8Array();
    const { expiresAt } = session;
    site.time = expiresAt.getTime() - 1;
    assert(await site.connection({ singleUse: false }).find());
    site.time = expiresAt.getTime();
    // A store that keeps it for longer.
    site.store.inner.set(id, record, {
      expiresAt: new Date(site.time + 60_000),
    });
    assertEquals(await site.connection().find(), undefined);
    assertEquals(site.failures, []);
    site.operations;
    await site.connection().keep(session);
    assertEquals(site.operations, "");
  });

  it("are none of another binding, whatever the store says", async () => {
    using site = new ClientSite();
    const session = await site.made();
    await site.connection().keep(session);
    const [{ id } = { id: new Uint8Array() }] = site.store.calls;
    const expiresAt = session.expiresAt;
    const wrong = [
      encodeSessionRecord({
        expiresAt: expiresAt.getTime(),
        context: new Uint8Array(32),
        der: session.toBytes(),
      }),
      new Uint8Array(100),
    ];
    for (const record of wrong) {
      site.store.inner.set(id, record, { expiresAt });
      assertEquals(await site.connection().find(), undefined);
      assertEquals(site.failures.length, 1);
      assert(site.failures.pop()?.[1] instanceof TypeError);
    }
  });
});
