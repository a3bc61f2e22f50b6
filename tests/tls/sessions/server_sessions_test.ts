/** The sessions of one server connection: what is asked, kept, refused and given up. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsError, TlsSession } from "@sesame/tls";
import { latin1 } from "../../../src/internal/bytes.ts";
import type { ClientHello } from "../../../src/libssl/machine_types.ts";
import { ServerSessions } from "../../../src/tls/sessions/server_sessions.ts";
import type { SessionConditions } from "../../../src/tls/sessions/session_lookups.ts";
import { encodeSessionRecord } from "../../../src/tls/sessions/session_record.ts";
import { SessionCounters } from "../../../src/tls/sessions/session_stats.ts";
import { StoreGuard } from "../../../src/tls/sessions/store_guard.ts";
import { SANITIZED, Site } from "../../support/site.ts";

const CONTEXT = new Uint8Array(32).fill(1);
const ID = new Uint8Array(32).fill(2);
const HELLO: ClientHello = {
  isNew: true,
  hostName: null,
  offersTls13: true,
  allowsTls13: true,
  hasSessionId: false,
  hasTicket: false,
  hasIdentities: true,
  sessionId: () => new Uint8Array(),
  ticket: () => new Uint8Array(),
  identities: () => [ID],
};
const describePeers = (): never => {
  throw new Error("Nobody asks");
};

class ServerSite extends Site {
  connection(conditions: Partial<SessionConditions> = {}): ServerSessions {
    const settings = {
      store: new StoreGuard({
        store: this.store,
        lookupTimeout: 10_000,
        writeTimeout: 10_000,
        onStoreError: (error, operation) =>
          this.failures.push([operation, error]),
      }, new SessionCounters()),
      ids: undefined,
      maxLookupsPerHello: 2,
      singleUse: false,
      tag: undefined,
      holdsFlight: true,
    };
    return new ServerSessions(this.openssl, settings, {
      context: CONTEXT,
      maxAge: 86_400,
      revalidate: undefined,
      ...conditions,
    });
  }

  /** Puts a session into the store under the id of the hello. */
  store1(der: Uint8Array): void {
    const expiresAt = this.time + 60_000;
    this.store.inner.set(
      ID,
      encodeSessionRecord({ expiresAt, context: CONTEXT, der }),
      { expiresAt: new Date(expiresAt) },
    );
  }

  async der(): Promise<Uint8Array> {
    return (await this.session(this.context())).toBytes();
  }

  get operations(): string[] {
    return this.store.calls.splice(0).map(({ operation }) => operation);
  }
}

describe("A connection's sessions", SANITIZED, () => {
  it("are found once they are looked up, and not when they are refused", async () => {
    using site = new ServerSite();
    site.store1(await site.der());
    const sessions = site.connection();
    assertEquals(sessions.find(latin1(ID)), undefined);
    sessions.lookUp(HELLO, true);
    assert(sessions.find(latin1(ID)));
    assert(sessions.hasServed);
    sessions.refuse("expired");
    assertEquals(sessions.find(latin1(ID)), undefined);
    assert(!sessions.hasServed);
    assertEquals(sessions.failure, "expired");
    assertEquals(site.failures, []);
  });

  it("may be refused where none was found, which isn't the store's failure", () => {
    using site = new ServerSite();
    const sessions = site.connection();
    sessions.refuse("malformed-record");
    assertEquals(sessions.failure, undefined);
    assertEquals(site.failures, []);
  });

  it("aren't pinned by an answer that comes when the connection is over", async () => {
    using site = new ServerSite();
    const der = await site.der();
    site.store1(der);
    let asked = 0;
    const sessions = site.connection({
      revalidate: () => {
        asked++;
        return Promise.resolve(undefined);
      },
    });
    const looking = sessions.lookUp(HELLO, true);
    assertEquals(asked, 1);
    sessions.abandon();
    await looking;
    assertEquals(sessions.find(latin1(ID)), undefined);
    assertEquals(sessions.failure, undefined);
  });

  it("aren't asked about where they can't be resumed anyway", async () => {
    using site = new ServerSite();
    let asked = 0;
    const revalidate = (): undefined => void asked++;
    site.store1(await site.der());
    const asking = site.connection({ revalidate });
    asking.lookUp(HELLO, true);
    assertEquals(asked, 1);

    site.time += 2000;
    const old = site.connection({ revalidate, maxAge: 1 });
    old.lookUp(HELLO, true);
    assertEquals(old.failure, "too-old");

    site.store1(Uint8Array.of(0x30, 3, 2, 1, 5));
    const junk = site.connection({ revalidate });
    junk.lookUp(HELLO, true);
    assertEquals(junk.failure, undefined);
    assert(junk.find(latin1(ID)));
    assertEquals(asked, 1);
    assertEquals(site.failures, []);
  });

  it("are stored unless they are over, or have no id", async () => {
    using site = new ServerSite();
    const sessions = site.connection();
    const time = site.time / 1000;
    const session = {
      id: new Uint8Array(ID),
      der: new Uint8Array(await site.der()),
      version: 0x0304,
      maxEarlyData: 0,
      time,
      timeout: 1,
    };
    const put = (change: Partial<typeof session>): string[] => {
      sessions.put({ ...session, ...change } as never, describePeers);
      return site.operations;
    };
    assertEquals(put({ timeout: 0 }), []);
    assertEquals(put({ time: time - 2 }), []);
    assertEquals(put({ id: new Uint8Array() }), []);
    assertEquals(put({}), ["set"]);
  });

  it("end with it, those of before a renegotiation, too", async () => {
    using site = new ServerSite();
    site.store1(await site.der());
    const sessions = site.connection();
    sessions.lookUp(HELLO, true);
    assert(sessions.find(latin1(ID)));
    sessions.restart();
    assert(!sessions.hasServed);
    site.operations;
    sessions.invalidate("fatal");
    assertEquals(site.operations, ["delete"]);
    assertEquals(site.store.inner.get(ID), undefined);
    sessions.invalidate("fatal");
    sessions.restart();
    sessions.invalidate("fatal");
    assertEquals(site.operations, []);
  });
});

describe("A session's bytes", () => {
  it("are refused if they are of none", async () => {
    using site = new Site();
    const der = (await site.session(site.context())).toBytes();
    for (
      const bytes of [new Uint8Array(), Uint8Array.of(0x30, 0), der.subarray(1)]
    ) {
      let refusal: unknown;
      try {
        TlsSession.fromBytes(bytes);
      } catch (error) {
        refusal = error;
      }
      assert(refusal instanceof TlsError);
      assertEquals(refusal.code, "session");
    }
  });
});
