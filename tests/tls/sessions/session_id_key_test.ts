import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type TlsContext,
  type TlsContextOptions,
  TlsSession,
} from "@sesame/tls";
import {
  SANITIZED,
  Site,
  VERSIONS,
  type VisitOptions,
} from "../../support/site.ts";

const FROM_STORE = { resumed: true, from: "store" } as const;
const NOT_OURS = { resumed: false, reason: "id-not-ours" } as const;

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const random = (length: number): Uint8Array =>
  crypto.getRandomValues(new Uint8Array(length));

/** A session that names itself by another id of the same length. */
function renamed(
  session: TlsSession,
  from: Uint8Array,
  to: Uint8Array,
): TlsSession {
  const der = session.toBytes();
  let count = 0;
  for (let at = 0; at + from.length <= der.length; at++) {
    if (from.every((byte, i) => der[at + i] === byte)) {
      der.set(to, at);
      count++;
    }
  }
  assert(count > 0, "the session doesn't have this id");
  return TlsSession.fromBytes(der);
}

/** A session of a server's and its id. */
async function sessionOf(
  site: Site,
  server: TlsContext,
  options: VisitOptions,
): Promise<{ session: TlsSession; id: Uint8Array }> {
  const session = await site.session(server, options);
  const { id } = site.store.of("set").at(-1) ?? {};
  assert(id);
  return { session, id };
}

for (const version of VERSIONS) {
  describe(
    `A sessionIdKey keeps ${version} ids from the store`,
    SANITIZED,
    () => {
      it("that are random, and lets its own through", async () => {
        using site = new Site();
        const server = site.server({ sessionIdKey: key(1) });
        const { session, id } = await sessionOf(site, server, { version });
        const JUNK = 20;
        for (let i = 0; i < JUNK; i++) {
          const junk = renamed(session, id, random(32));
          assertEquals(
            await site.resume(server, { version, session: junk }),
            NOT_OURS,
          );
        }
        assertEquals(site.store.of("get"), []);
        assertEquals(server.stats.lookups, 0);
        assertEquals(server.stats.full["id-not-ours"], JUNK);
        assertEquals(
          await site.resume(server, { version, session }),
          FROM_STORE,
        );
        assertEquals(site.failures, []);
      });

      it("that differ from its own by a bit, wherever it is", async () => {
        using site = new Site();
        const server = site.server({ sessionIdKey: key(1) });
        const { session, id } = await sessionOf(site, server, { version });
        for (const at of [0, 7, 15, 16, 24, 31]) {
          const near = renamed(session, id, id.with(at, (id[at] ?? 0) ^ 4));
          assertEquals(
            await site.resume(server, { version, session: near }),
            NOT_OURS,
          );
        }
        assertEquals(site.store.of("get"), []);
      });

      it("of another fleet", async () => {
        using site = new Site();
        const session = await site.session(
          site.server({ sessionIdKey: key(1) }),
          { version },
        );
        const other = site.server({ sessionIdKey: key(2) });
        assertEquals(await site.resume(other, { version, session }), NOT_OURS);
        assertEquals(site.store.of("get"), []);
      });

      it("but not those that another node made with the same key", async () => {
        using site = new Site();
        const session = await site.session(
          site.server({ sessionIdKey: key(1) }),
          { version },
        );
        const node = site.server({
          sessionIdKey: [key(1)],
          openssl: site.instance(),
        });
        assertEquals(await site.resume(node, { version, session }), FROM_STORE);
      });

      it("in a single-use store too", async () => {
        using site = new Site();
        const server = site.server({ sessionIdKey: key(1), singleUse: true });
        const { session, id } = await sessionOf(site, server, { version });
        const junk = renamed(session, id, random(32));
        assertEquals(
          await site.resume(server, { version, session: junk }),
          NOT_OURS,
        );
        assertEquals(site.store.of("take"), []);
        assertEquals(
          (await site.resume(server, { version, session })).resumed,
          true,
        );
      });

      it("through its rotation: the first makes ids, all of them count", async () => {
        using site = new Site();
        const nodes = [
          { sessionIdKey: key(1) },
          { sessionIdKey: [key(1), key(2)] },
          { sessionIdKey: [key(2), key(1)] },
          { sessionIdKey: key(2) },
        ].map((options) => site.server(options));
        // Who accepts whose: a node and its neighbours in the rotation.
        const accepted = [
          [true, true, true, false],
          [true, true, true, false],
          [false, true, true, true],
          [false, true, true, true],
        ];
        for (const [i, from] of nodes.entries()) {
          const session = await site.session(from, { version });
          for (const [j, to] of nodes.entries()) {
            assertEquals(
              await site.resume(to, { version, session }),
              accepted[i]?.[j] ? FROM_STORE : NOT_OURS,
            );
          }
        }
      });
    },
  );
}

describe("A sessionIdKey", SANITIZED, () => {
  it("makes ids of 32 bytes, each another", async () => {
    using site = new Site();
    const server = site.server({ sessionIdKey: key(1) });
    for (const version of VERSIONS) {
      for (let i = 0; i < 5; i++) await site.session(server, { version });
    }
    const ids = site.store.of("set").map(({ id }) => id);
    assert(ids.every(({ length }) => length === 32));
    assertEquals(new Set(ids.map((id) => id.join())).size, 15);
  });

  it("keeps the random legacy id of a TLS 1.3 client from a TLS 1.2 server's store", async () => {
    using site = new Site();
    const options = { maxVersion: "TLSv1.2" } as const;
    assertEquals(
      await site.resume(site.server(options)),
      { resumed: false, reason: "unknown-id" },
    );
    assertEquals(site.store.of("get").length, 1);
    const server = site.server({ ...options, sessionIdKey: key(1) });
    assertEquals(await site.resume(server), NOT_OURS);
    assertEquals(site.store.of("get").length, 1);
  });

  it("is copied: what becomes of the array makes no difference", async () => {
    using site = new Site();
    const mine = key(1);
    const server = site.server({ sessionIdKey: mine });
    mine.fill(0);
    const session = await site.session(server);
    const other = site.server({ sessionIdKey: key(1) });
    assertEquals(await site.resume(other, { session }), FROM_STORE);
  });

  const refused: [string, unknown, typeof RangeError | typeof TypeError][] = [
    ["too short", new Uint8Array(15), RangeError],
    ["empty", new Uint8Array(), RangeError],
    ["too short, second in a list", [key(1), new Uint8Array(15)], RangeError],
    ["an empty list", [], TypeError],
    ["a string", "0123456789abcdef", TypeError],
    ["an ArrayBuffer", new ArrayBuffer(32), TypeError],
    ["a list of numbers", [1, 2, 3], TypeError],
  ];
  for (const [what, sessionIdKey, type] of refused) {
    it(`is refused if it is ${what}`, () => {
      using site = new Site();
      assertThrows(
        () => site.server({ sessionIdKey } as TlsContextOptions),
        type,
        "options.sessionIdKey must",
      );
    });
  }
});
