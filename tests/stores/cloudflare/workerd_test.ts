import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { encodeEnvelope } from "../../../src/stores/_envelope.ts";
import { MemorySessionStore } from "../../../src/stores/memory.ts";
import { checkSessionStore } from "../../../src/testing/store_conformance.ts";
import { Cloudflare, describeWithMiniflare } from "../../support/miniflare.ts";
import type {
  CallReply,
  CheckReply,
  ResumeReply,
  StoreChoice,
} from "../../testdata/cloudflare_commands.ts";

const HOUR = 3_600_000;
const PATIENCE_MS = 60_000;
const STORES = ["kv", "objects"] as const;

/** The names of the checks, which the worker runs by their numbers. */
const CHECKS = checkSessionStore(() => new MemorySessionStore());

await describeWithMiniflare("In workerd", (simulator) => {
  let folder = "";
  let cloudflare: Cloudflare;

  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "sesame-" });
    await Cloudflare.bundle(simulator, folder);
    cloudflare = await Cloudflare.start(simulator, folder);
  });

  afterAll(async () => {
    await cloudflare?.[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  });

  for (const kind of STORES) {
    describe(`the store in ${kind} keeps the promises of SessionStore`, () => {
      for (const [index, { name }] of CHECKS.entries()) {
        it(name, async () => {
          const reply: CheckReply = await cloudflare.tell({
            command: "check",
            store: { kind },
            index,
          });
          assertEquals(reply, { name });
        });
      }
    });

    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      it(`a ${version} client resumes elsewhere by the store in ${kind}`, async () => {
        const store = { kind, prefix: `${version}/` };
        assertEquals(
          await cloudflare.tell<ResumeReply>({
            command: "resume",
            store,
            version,
          }),
          {
            first: { resumed: false, reason: "none-offered" },
            second: { resumed: true, from: "store" },
            third: { resumed: false, reason: "unknown-id" },
          },
        );
      });
    }

    it(`the store in ${kind} lists, and revokes by tag`, async () => {
      const store = { kind, prefix: "tags/" };
      const expiresAt = Date.now() + HOUR;
      const tags = ["blue", "red", "blue", undefined];
      for (const [i, tag] of tags.entries()) {
        await cloudflare.call(store, {
          method: "set",
          id: [i],
          record: Array.from({ length: i }, () => 7),
          expiresAt,
          ...(tag !== undefined && { tag }),
        });
      }
      const all = [
        { id: [0], expiresAt, size: 0, tag: "blue" },
        { id: [1], expiresAt, size: 1, tag: "red" },
        { id: [2], expiresAt, size: 2, tag: "blue" },
        { id: [3], expiresAt, size: 3 },
      ];
      assertEquals(await entries(store), all);
      assertEquals(await entries(store, expiresAt), []);
      const revoke = (tag: string): Promise<CallReply> =>
        cloudflare.call(store, { method: "revoke", tag });
      assertEquals(await revoke("blu"), { count: 0 });
      assertEquals(await revoke("blue"), { count: 2 });
      assertEquals(await revoke("blue"), { count: 0 });
      assertEquals(
        await entries(store),
        all.filter(({ tag }) => tag !== "blue"),
      );
      assertStringIncludes(
        (await revoke("")).error ?? "",
        "RangeError: Cannot use the session store: tag must be 1 to 256 bytes",
      );
    });

    it(`the store in ${kind} has its sessions when workerd is started again`, async () => {
      const store = { kind, prefix: "restart/" };
      const id = [1, 2, 3];
      const record = [4, 5, 6];
      const expiresAt = Date.now() + HOUR;
      await cloudflare.call(store, { method: "set", id, record, expiresAt });
      await cloudflare[Symbol.asyncDispose]();
      cloudflare = await Cloudflare.start(simulator, folder);
      const get = { method: "get", id } as const;
      assertEquals(await cloudflare.call(store, get), { record });
      await cloudflare.call(store, { method: "delete", id });
      assertEquals(await cloudflare.call(store, get), {});
    });
  }

  it("each session is taken once, by many requests at the same time", async () => {
    const store = { kind: "objects", prefix: "take/" } as const;
    const expiresAt = Date.now() + HOUR;
    for (let round = 0; round < 5; round++) {
      const id = [round];
      const record = [round, 7];
      await cloudflare.call(store, { method: "set", id, record, expiresAt });
      const replies = await Promise.all(
        Array.from(
          { length: 40 },
          () => cloudflare.call(store, { method: "take", id }),
        ),
      );
      const expected = [{ record }, ...Array.from({ length: 39 }, () => ({}))];
      replies.sort((a, b) => Object.keys(b).length - Object.keys(a).length);
      assertEquals(replies, expected);
    }
  });

  it("lists more sessions than fit into a page", async () => {
    const store = { kind: "objects", prefix: "pages/", shards: 1 } as const;
    const expiresAt = Date.now() + HOUR;
    const ids = Array.from({ length: 503 }, (_, i) => [i >> 8, i & 255]);
    for (let i = 0; i < ids.length; i += 100) {
      await Promise.all(
        ids.slice(i, i + 100).map((id) =>
          cloudflare.call(store, { method: "set", id, record: [1], expiresAt })
        ),
      );
    }
    assertEquals((await entries(store)).map(({ id }) => id), ids);
  });

  it("an object takes any time that a date can have", async () => {
    for (const expiresAt of [8.64e15, -1]) {
      const store = { kind: "objects", prefix: `at ${expiresAt}/` } as const;
      const set = {
        method: "set",
        now: -8.64e15,
        id: [1],
        record: [2],
      } as const;
      assertEquals(await cloudflare.call(store, { ...set, expiresAt }), {});
    }
  });

  it("an object frees what has expired, once and again", async () => {
    const store = { kind: "objects", prefix: "alarm/", shards: 1 } as const;
    const now = Date.now();
    for (const [i, lifetime] of [HOUR, 3_000, 100, 8.64e15 - now].entries()) {
      const expiresAt = now + lifetime;
      // Else it would be refused where this took longer than it is to live.
      const set = { method: "set", now: 0, id: [i], record: [i] } as const;
      assertEquals(await cloudflare.call(store, { ...set, expiresAt }), {});
    }
    const deadline = Date.now() + PATIENCE_MS;
    // At time 0 nothing has expired, so that what is there shows.
    while ((await entries(store, 0)).length > 2 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const left = await entries(store, 0);
    assertEquals(left.map(({ id }) => id), [[0], [3]]);
  });

  describe("an object refuses", () => {
    const id = new Uint8Array([1]);
    const record = new Uint8Array([2]);
    const expiresAt = Date.now() + HOUR;
    const envelope = { id, record, expiresAt, tag: undefined };
    const bad: [string, string, RequestInit, string][] = [
      ["a GET", "v1/get?now=0", { method: "GET" }, "not a POST"],
      ["a DELETE", "v1/delete?now=0", { method: "DELETE" }, "not a POST"],
      ["an unknown verb", "v1/burn?now=0", {}, "an unknown request"],
      ["another version", "v2/get?now=0", {}, "an unknown request"],
      ["no time", "v1/get", {}, "no number in now"],
      ["an empty time", "v1/get?now=", {}, "no number in now"],
      ["a time that is no number", "v1/get?now=1s", {}, "no number in now"],
      ["an infinite time", "v1/take?now=Infinity", {}, "no number in now"],
      ["no place to list from", "v1/list?now=0", {}, "no number in after"],
      [
        "a long id",
        "v1/get?now=0",
        { body: new Uint8Array(1025) },
        "the id is too long",
      ],
      ["an empty envelope", "v1/set?now=0", {}, "not an envelope"],
      [
        "half an envelope",
        "v1/set?now=0",
        { body: encodeEnvelope(envelope).subarray(0, 13) },
        "not an envelope",
      ],
      [
        "an envelope of version 0",
        "v1/set?now=0",
        { body: encodeEnvelope(envelope).fill(0, 0, 1) },
        "not an envelope",
      ],
      [
        "an envelope with a long id",
        "v1/set?now=0",
        { body: encodeEnvelope({ ...envelope, id: new Uint8Array(1025) }) },
        "the id is too long",
      ],
      [
        "an envelope with a long tag",
        "v1/set?now=0",
        { body: encodeEnvelope({ ...envelope, tag: "t".repeat(257) }) },
        "tag must be 1 to 256 bytes",
      ],
      ["an empty tag", "v1/revoke?now=0", {}, "tag must be 1 to 256 bytes"],
      [
        "more than a MiB",
        "v1/set?now=0",
        { body: new Uint8Array(1024 * 1024 + 1) },
        "too many bytes",
      ],
    ];
    for (const [what, path, init, reason] of bad) {
      it(what, async () => {
        const url = `/objects/bad/${path}`;
        const response = await cloudflare.fetch(url, {
          method: "POST",
          ...init,
        });
        const text = await response.text();
        assert(text.startsWith("refused: "), text);
        assertStringIncludes(text, reason);
        assertEquals(response.status, 400);
      });
    }

    it("and serves the next request", async () => {
      const send = (path: string, body: Uint8Array<ArrayBuffer>) =>
        cloudflare.fetch(`/objects/bad/${path}`, { method: "POST", body });
      const set = await send("v1/set?now=0", encodeEnvelope(envelope));
      assertEquals([set.status, await set.text()], [204, ""]);
      const get = await send(`v1/get?now=${expiresAt - 0.5}`, id);
      assertEquals([get.status, await get.bytes()], [200, record]);
      const late = await send(`v1/get?now=${expiresAt}`, id);
      assertEquals([late.status, await late.text()], [204, ""]);
    });

    it("a record of more than a MiB, with an error that doesn't show it", async () => {
      const { error = "" } = await cloudflare.call({ kind: "objects" }, {
        method: "set",
        id: [1],
        record: Array.from({ length: 1024 * 1024 }, () => 65),
        expiresAt: Date.now() + HOUR,
      });
      assertEquals(
        error,
        "Error: Cannot store the session: the session object answered 400 (refused: too many bytes)",
      );
    });
  });

  /** By id. */
  async function entries(
    store: StoreChoice,
    now?: number,
  ): Promise<NonNullable<CallReply["entries"]>> {
    const reply = await cloudflare.call(store, {
      method: "entries",
      ...(now !== undefined && { now }),
    });
    assert(reply.entries, reply.error);
    const order = (id: readonly number[]): number =>
      id.reduce((sum, byte) => sum * 256 + byte, 0);
    return reply.entries.toSorted((a, b) => order(a.id) - order(b.id));
  }
});
