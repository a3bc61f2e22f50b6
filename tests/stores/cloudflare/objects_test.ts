import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { beforeEach, describe, it } from "@std/testing/bdd";
import {
  DurableObjectSessionStore,
  type DurableObjectSessionStoreOptions,
  type SessionEntry,
  type SessionObjectNamespace,
} from "../../../src/stores/cloudflare.ts";
import { numbered } from "../../testdata/numbered_sessions.ts";

const { id, record, expiresAt } = numbered(1);

interface Asked {
  readonly name: string;
  readonly options: unknown;
  readonly url: string;
  readonly signal: AbortSignal | undefined;
}

let asked: Asked[] = [];
/** What the object says. */
let answer: (asked: Asked) => Response | Promise<Response>;

const namespace: SessionObjectNamespace = {
  idFromName: (name) => name,
  get: (name, options) => ({
    async fetch(url, { signal }): Promise<Response> {
      const request = { name: String(name), options, url, signal };
      asked.push(request);
      return await answer(request);
    },
  }),
};

describe("DurableObjectSessionStore", () => {
  let store = new DurableObjectSessionStore(namespace);

  beforeEach(() => {
    asked = [];
    answer = () => new Response(null, { status: 204 });
    store = new DurableObjectSessionStore(namespace, { now: () => 7 });
  });

  it("shards the sessions over all objects by their ids", async () => {
    for (let n = 0; n < 400; n++) await store.get(numbered(n).id);
    const names = asked.map(({ name }) => name);
    const expected = Array.from({ length: 16 }, (_, i) => `sesame/${i}`);
    assertEquals([...new Set(names)].sort(), expected.sort());

    asked = [];
    for (let n = 0; n < 400; n++) await store.delete(numbered(n).id, "fatal");
    assertEquals(asked.map(({ name }) => name), names);
  });

  it("asks the objects that it is told, where it is told", async () => {
    const options = { shards: 1, prefix: "eu", locationHint: "weur" };
    await new DurableObjectSessionStore(namespace, options).get(id);
    assertEquals(asked.map(({ name }) => name), ["eu/0"]);
    assertEquals(asked[0]?.options, { locationHint: "weur" });
  });

  it("shares no object with a store of another prefix", async () => {
    for (const prefix of ["tenant", "tenant1", "tenant/1", ""]) {
      const options = { prefix, shards: 20 };
      const other = new DurableObjectSessionStore(namespace, options);
      await other.revoke({ tag: "blue" });
    }
    assertEquals(new Set(asked.map(({ name }) => name)).size, 80);
  });

  it("sends its clock to the object", async () => {
    await store.get(id);
    assertEquals(asked[0]?.url, "https://session-object/v1/get?now=7");
  });

  describe("where an object fails", () => {
    const calls: [string, () => Promise<unknown>][] = [
      ["look up the session", () => store.get(id)],
      ["store the session", () => store.set(id, record, { expiresAt })],
      ["remove the session", () => store.delete(id, "fatal")],
      ["take the session", () => store.take(id)],
      ["revoke the sessions", () => store.revoke({ tag: "blue" })],
      ["list the sessions", () => list(store)],
    ];
    for (const [what, call] of calls) {
      it(`says that it can't ${what}`, async () => {
        const cause = new Error("Network connection lost.");
        answer = () => {
          throw cause;
        };
        const message = `Cannot ${what}: Network connection lost.`;
        const error = await assertRejects(call, Error, message);
        assertStrictEquals(error.cause, cause);
      });
    }

    it("shows no error message but the object's own", async () => {
      answer = () => new Response("record: secret", { status: 500 });
      const error = await assertRejects(() => store.get(id), Error);
      const expected =
        "Cannot look up the session: the session object answered 500";
      assertEquals(error.message, expected);

      answer = () => new Response("refused: not a POST", { status: 400 });
      const other = await assertRejects(() => store.get(id), Error);
      assertEquals(
        other.message,
        "Cannot look up the session: the session object answered 400 (refused: not a POST)",
      );
    });

    it("revokes at the other objects all the same", async () => {
      answer = ({ name }) => {
        if (name === "sesame/0") throw new Error("Overloaded");
        return new Response("1");
      };
      await assertRejects(
        () => store.revoke({ tag: "blue" }),
        Error,
        "Cannot revoke the sessions: Overloaded",
      );
      assertEquals(asked.length, 16);
    });
  });

  it("ends when the signal is aborted", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    answer = ({ signal }) =>
      new Promise((_, reject) => {
        const fail = (): void => reject(new Error("aborted"));
        signal?.addEventListener("abort", fail);
      });
    const calls = [
      store.get(id, { signal }),
      store.take(id, { signal }),
      store.set(id, record, { expiresAt, signal }),
    ];
    const outcomes = Promise.allSettled(calls);
    await Promise.resolve();
    const reason = new Error("too late");
    controller.abort(reason);
    for (const outcome of await outcomes) {
      assertEquals(outcome, { status: "rejected", reason });
    }
    assertEquals(asked.length, 3);
    await assertRejects(() => store.get(id, { signal }), Error, "too late");
    assertEquals(asked.length, 3);
  });

  it("omits malformed entries from the list, and ends it", async () => {
    const good = { id: "AQ", expiresAt: 9, size: 3 };
    const pages = [
      "",
      "[]",
      "null",
      "{",
      '{"entries":7}',
      JSON.stringify({ entries: [null, 7, {}, { ...good, id: "*" }] }),
      JSON.stringify({ entries: [{ ...good, expiresAt: null }] }),
      JSON.stringify({ entries: [], next: -1 }),
      JSON.stringify({ entries: [], next: "more" }),
      JSON.stringify({ entries: [good], next: 0 }),
    ];
    answer = ({ name }) =>
      new Response(pages[Number(name.slice("sesame/".length))]);
    const entry = { id: new Uint8Array([1]), expiresAt: new Date(9), size: 3 };
    // The last of them twice: it says that there is more after it.
    assertEquals(await list(store), [entry, entry]);
    assertEquals(asked.length, 17);
  });

  it("sums only numbers", async () => {
    const counts = ["3", "many", "", "4"];
    answer = ({ name }) =>
      new Response(counts[Number(name.slice("sesame/".length))]);
    assertEquals(await store.revoke({ tag: "blue" }), 7);
  });

  describe("refuses an invalid option:", () => {
    const wrong: [string, object, string][] = [
      [
        "no shards",
        { shards: 0 },
        "shards must be a whole number from 1 to 256, received 0",
      ],
      [
        "too many shards",
        { shards: 257 },
        "shards must be a whole number from 1 to 256, received 257",
      ],
      [
        "a text for shards",
        { shards: "3" },
        'shards must be a number, received "3"',
      ],
      ["a number for a prefix", { prefix: 1 }, "prefix must be a string"],
      ["half a character", { prefix: "\ud800" }, "prefix must be well-formed"],
    ];
    for (const [what, options, message] of wrong) {
      it(what, () => {
        assertThrows(
          () =>
            new DurableObjectSessionStore(
              namespace,
              options as DurableObjectSessionStoreOptions,
            ),
          Error,
          message,
        );
      });
    }
  });
});

function list(store: DurableObjectSessionStore): Promise<SessionEntry[]> {
  return Array.fromAsync(store.entries());
}
