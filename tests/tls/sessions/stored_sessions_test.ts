import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import {
  OpenSSL,
  type RemovalReason,
  type SessionSetOptions,
  type SessionStore,
  type StoreOperation,
  type TlsContext,
  type TlsContextOptions,
  type TlsSession,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { connected, contextOf, exchange } from "../../support/engines.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
const HOUR_MS = 3_600_000;

/** A store that remembers what it was asked, and can be told to misbehave. */
class SpyStore implements SessionStore {
  readonly inner: MemorySessionStore;
  readonly records: Uint8Array[] = [];
  readonly removals: RemovalReason[] = [];
  lookups = 0;
  answer: (record: Uint8Array | undefined) => Uint8Array | undefined = (r) => r;

  constructor(now: () => number) {
    this.inner = new MemorySessionStore({ now });
  }

  get(id: Uint8Array): Uint8Array | undefined {
    this.lookups++;
    return this.answer(this.inner.get(id));
  }

  set(id: Uint8Array, record: Uint8Array, options: SessionSetOptions): void {
    this.records.push(new Uint8Array(record));
    this.inner.set(id, record, options);
  }

  delete(id: Uint8Array, reason: RemovalReason): void {
    this.removals.push(reason);
    this.inner.delete(id, reason);
  }
}

let time: number;
let openssl: OpenSSL;
let store: SpyStore;
let failures: [StoreOperation, unknown][];

/** A fresh store and clock; to be called before each test. */
function setUp(): void {
  time = Date.now();
  openssl = new OpenSSL({ clock: () => time });
  store = new SpyStore(() => time);
  failures = [];
}

function serving(options: TlsContextOptions = {}): TlsContext {
  return contextOf({
    sessions: store,
    openssl,
    onStoreError: (error, operation) => failures.push([operation, error]),
    ...options,
  });
}

/** One handshake: whether it resumed, and the session for the next. */
function meet(
  context: TlsContext,
  session?: TlsSession,
  version: typeof VERSIONS[number] = "TLSv1.3",
): { resumed: boolean; session: TlsSession } {
  using trusting = contextOf({ maxVersion: version, openssl });
  using ends = connected(context, trusting, session && { session });
  assertEquals(ends.client.state, "open");
  assertEquals(ends.server.state, "open");
  const { session: next, info } = ends.client;
  assert(info);
  const kept = next ?? session;
  assert(kept);
  return { resumed: info.resumed, session: kept };
}

for (const version of VERSIONS) {
  describe(`A ${version} session in a store`, () => {
    beforeEach(setUp);

    it("resumes at another context in another instance, from bytes", () => {
      using one = serving();
      using another = serving({ openssl: new OpenSSL({ clock: () => time }) });
      const first = meet(one, undefined, version);
      assertEquals(first.resumed, false);
      assertEquals(store.records.length, version === "TLSv1.3" ? 2 : 1);
      assertEquals(store.lookups, 0);
      const second = meet(another, first.session, version);
      assertEquals(second.resumed, true);
      assertEquals(store.lookups, 1);
      assertEquals(failures, []);
    });

    it("is not resumed by a context of another session id context", () => {
      using one = serving({ sessionIdContext: "one" });
      using another = serving({ sessionIdContext: "another" });
      const { session } = meet(one, undefined, version);
      assertEquals(meet(another, session, version).resumed, false);
      assertEquals(meet(one, session, version).resumed, true);
      assertEquals(failures, []);
    });

    it("expires to the second, by the instance's clock, whatever the store says", () => {
      using context = serving({ sessionTimeout: 3600 });
      time = Math.floor(time / 1000) * 1000;
      const { session } = meet(context, undefined, version);
      const record = store.records.at(-1);
      store.answer = () => record && new Uint8Array(record);
      time += HOUR_MS - 1000;
      assertEquals(meet(context, session, version).resumed, true);
      time += 1000;
      assertEquals(meet(context, session, version).resumed, false);
      assertEquals(failures, []);
    });

    it("is forgotten by the store after a fatal alert", () => {
      using context = serving();
      using trusting = contextOf({ maxVersion: version, openssl });
      using ends = connected(context, trusting);
      const { client, server } = ends;
      client.write(new Uint8Array(1));
      const record = client.send();
      record.set([(record.at(-1) ?? 0) ^ 1], record.length - 1);
      try {
        server.receive(record);
      } catch { /* the record is bad on purpose */ }
      assertEquals(server.state, "failed");
      const given = version === "TLSv1.3" ? 2 : 1;
      assertEquals(store.removals, Array(given).fill("fatal"));
    });

    it("outlives its context, and a connection that just ended", () => {
      const context = serving();
      const first = meet(context, undefined, version);
      context.close();
      using next = serving();
      assertEquals(meet(next, first.session, version).resumed, true);
      assertEquals(store.removals, []);
    });
  });

  describe(`A store that fails costs a full ${version} handshake`, () => {
    beforeEach(setUp);

    const answers: [string, SpyStore["answer"], number][] = [
      ["throws", () => {
        throw new Error("down");
      }, 1],
      ["has lost the session", () => undefined, 0],
      ["answers with nothing", () => new Uint8Array(), 1],
      [
        "answers with random bytes",
        () => crypto.getRandomValues(new Uint8Array(300)).with(0, 7),
        1,
      ],
      ["answers with a truncated record", (r) => r?.subarray(0, 60), 1],
      [
        "answers with a record of an unknown version",
        (r) => r && Uint8Array.of(99, ...r.subarray(1)),
        1,
      ],
      ["answers with what isn't bytes", () => "no" as unknown as Uint8Array, 1],
      ["answers with another session", () => store.records[0], 1],
    ];
    for (const [what, answer, count] of answers) {
      it(`if it ${what}`, () => {
        using context = serving();
        meet(context, undefined, version);
        const { session } = meet(context, undefined, version);
        store.answer = answer;
        assertEquals(meet(context, session, version).resumed, false);
        assertEquals(failures.length, count);
        assertEquals(
          failures.every(([operation]) => operation === "get"),
          true,
        );
      });
    }

    it("if it can't write", () => {
      store.set = () => {
        throw new Error("disk full");
      };
      using context = serving();
      const { session } = meet(context, undefined, version);
      assertEquals(failures.length, version === "TLSv1.3" ? 2 : 1);
      const [operation, error] = failures[0] ?? [];
      assertEquals(operation, "set");
      assertInstanceOf(error, Error);
      assertStringIncludes(error.message, "disk full");
      assertEquals(meet(context, session, version).resumed, false);
    });
  });
}

describe("Without a store", () => {
  beforeEach(setUp);

  it("a server gives out tickets that it alone can read", () => {
    using context = contextOf({ openssl });
    using another = contextOf({ openssl });
    const { session } = meet(context);
    assertEquals(meet(context, session).resumed, true);
    assertEquals(meet(another, session).resumed, false);
    using ends = connected(context);
    exchange(ends);
  });
});
