import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  DirectorySessionStore,
  type DirectorySessionStoreOptions,
} from "../../src/stores/directory.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import { StorePlace } from "../support/store_place.ts";
import {
  numbered,
  type NumberedSession,
} from "../testdata/numbered_sessions.ts";

const place = new StorePlace("sessions");
const { now } = place;

describe("DirectorySessionStore", () => {
  place.forEachTest();

  for (const synchronous of ["normal", "full"] as const) {
    describe(`keeps the promises of SessionStore, ${synchronous}`, () => {
      let stores = 0;
      const checks = checkSessionStore((now) =>
        new DirectorySessionStore(`${place.folder}/${stores++}`, {
          now,
          synchronous,
        })
      );
      for (const { name, run } of checks) it(name, run);
    });
  }

  describe("keeps the promises of SessionStore by the system's clock", () => {
    let stores = 0;
    const checks = checkSessionStore(
      () => new DirectorySessionStore(`${place.folder}/${stores++}`),
      { clock: "real" },
    );
    for (const { name, run } of checks) it(name, run);
  });

  it("is readable by its owner only", async () => {
    const store = new DirectorySessionStore(place.path, { now });
    await put(store, 1);
    assertEquals(await modeOf(place.path), 0o700);
    assertEquals(await modeOf(await onlyFile()), 0o600);
  });

  it("keeps the mode of a directory that exists", async () => {
    await Deno.mkdir(place.path);
    await Deno.chmod(place.path, 0o750);
    assert(new DirectorySessionStore(place.path));
    assertEquals(await modeOf(place.path), 0o750);
  });

  it("holds any id, and records up to 1 MiB", async () => {
    const store = new DirectorySessionStore(place.path, { now });
    const expiresAt = new Date(place.clock + 1);
    const id = new Uint8Array(1_024).fill(0x2f);
    const tag = "\u{1f642}".repeat(64);
    const largest = new Uint8Array(1_048_576 - 13 - 1_024 - 256).fill(7);
    await store.set(id, largest, { expiresAt, tag });
    assert(String(await store.get(id)) === String(largest));
    const [entry] = await Array.fromAsync(store.entries());
    assertEquals(entry, { id, expiresAt, tag, size: largest.length });
    await assertRejects(
      () => store.set(id, new Uint8Array(1_048_576), { expiresAt }),
      RangeError,
      "it must be at most 1048576 bytes, received 1049613",
    );
  });

  describe("with expired sessions", () => {
    it("removes them, four names with each set", async () => {
      const store = new DirectorySessionStore(place.path, { now });
      for (let n = 0; n < 30; n++) await put(store, n, 10);
      place.clock += 10;
      for (let n = 100; n < 130; n++) await put(store, n);
      assertEquals((await fileNames()).length, 30);
    });

    it("removes one that is taken, but not one that is looked up", async () => {
      const store = new DirectorySessionStore(place.path, { now });
      const { id } = await put(store, 1, 10);
      place.clock += 10;
      assertEquals(await store.get(id), undefined);
      assertEquals((await fileNames()).length, 1);
      assertEquals(await store.take(id), undefined);
      assertEquals(await fileNames(), []);
    });

    it("purges them all, and damaged files", async () => {
      const store = new DirectorySessionStore(place.path, { now });
      for (let n = 0; n < 40; n++) await put(store, n, 10);
      const { id, record } = await put(store, 100);
      await Deno.writeFile(`${place.path}/${"a".repeat(64)}.session`, record);
      place.clock += 10;
      assertEquals(await store.purge(), 40);
      assertEquals((await fileNames()).length, 1);
      assertEquals(await store.get(id), record);
    });

    it("doesn't count or list them", async () => {
      const store = new DirectorySessionStore(place.path, { now });
      await put(store, 1, 10);
      const { id, record } = await put(store, 2);
      const expiresAt = new Date(place.clock + 10_000);
      place.clock += 10;
      const entries = await Array.fromAsync(store.entries());
      assertEquals(entries, [{ id, expiresAt, tag: "a", size: record.length }]);
      assertEquals(await store.revoke({ tag: "a" }), 1);
      assertEquals(await fileNames(), []);
    });
  });

  it("removes what killed processes left behind, after an hour", async () => {
    const store = new DirectorySessionStore(place.path, { now });
    const uuid = crypto.randomUUID();
    const [fresh, stale] = [3_500_000, 3_700_000].map((age) =>
      `sesame-${Date.now() - age}-${uuid}.tmp`
    );
    for (const name of [fresh, stale]) {
      await Deno.writeTextFile(`${place.path}/${name}`, "left behind");
    }
    assertEquals(await store.purge(), 0);
    assertEquals(await fileNames(), [fresh]);
    await Deno.writeTextFile(`${place.path}/${stale}`, "left behind");
    for (let n = 0; n < 9; n++) await put(store, n % 2);
    assert(!(await fileNames()).includes(`${stale}`));
  });

  it("treats a damaged file as missing, at whichever byte", async () => {
    const store = new DirectorySessionStore(place.path, { now });
    const { id, record } = await put(store, 1);
    const file = await onlyFile();
    const whole = await Deno.readFile(file);
    const damaged = [0, 1, 31, 32, 40, 45, 90, 91, 500, 1_000].flatMap((at) => {
      const flipped = new Uint8Array(whole);
      flipped[at] = 255 - (flipped[at] ?? 0);
      return [flipped, whole.subarray(0, at)];
    });
    damaged.push(new Uint8Array(whole.length), new Uint8Array(2_000_000));
    for (const bytes of damaged) {
      await Deno.writeFile(file, bytes);
      assertEquals(await store.get(id), undefined);
      await Array.fromAsync(store.entries());
      assertEquals(await store.take(id), undefined);
      assertEquals(await fileNames(), []);
    }
    await Deno.writeFile(file, whole);
    assertEquals(await store.get(id), record);
  });

  it("treats the file of another session as missing", async () => {
    const store = new DirectorySessionStore(place.path, { now });
    await put(store, 1);
    const one = await onlyFile();
    const moved = `${place.folder}/moved`;
    await Deno.rename(one, moved);
    const { id } = await put(store, 2);
    await Deno.rename(moved, await onlyFile());
    assertEquals(await store.get(id), undefined);
    assertEquals(await Array.fromAsync(store.entries()), []);
    assertEquals(await store.take(id), undefined);
  });

  describe("leaves alone", () => {
    const foreign: [string, (path: string) => Promise<unknown>][] = [
      [
        "a symbolic link",
        (path) => Deno.symlink(`${place.folder}/target`, path),
      ],
      ["a directory", (path) => Deno.mkdir(path)],
      [
        "a named pipe",
        (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
      ],
      ["a link to nothing", (path) => Deno.symlink("/nothing", path)],
    ];
    for (const [what, make] of foreign) {
      it(`${what} with the name of a session`, async () => {
        const store = new DirectorySessionStore(place.path, { now });
        const { id } = await put(store, 1);
        const file = await onlyFile();
        await Deno.rename(file, `${place.folder}/target`);
        await make(file);
        const stale = `${place.path}/sesame-1-${crypto.randomUUID()}.tmp`;
        await make(stale);

        assertEquals(await store.get(id), undefined);
        assertEquals(await store.take(id), undefined);
        assertEquals(await Array.fromAsync(store.entries()), []);
        assertEquals(await store.revoke({ tag: "a" }), 0);
        await store.delete(id, "revoked");
        place.clock += 10_000;
        assertEquals(await store.purge(), 0);
        assert(!(await Deno.lstat(file)).isFile);
        assert(!(await Deno.lstat(stale)).isFile);
        assert((await Deno.lstat(`${place.folder}/target`)).isFile);
      });
    }

    it("files with other names", async () => {
      const store = new DirectorySessionStore(place.path, { now });
      const names = ["README", "a".repeat(64), "sesame-1-x.tmp", "x.session"];
      for (const name of names) {
        await Deno.writeTextFile(`${place.path}/${name}`, "");
      }
      await store.revoke({ tag: "a" });
      assertEquals(await store.purge(), 0);
      assertEquals((await fileNames()).sort(), names.sort());
    });
  });

  it("fails with the reason of a signal aborted before", async () => {
    const store = new DirectorySessionStore(place.path, { now });
    const { id, record, expiresAt } = await put(store, 1);
    const signal = AbortSignal.abort(new Error("too late"));
    const calls: (() => Promise<unknown>)[] = [
      () => store.get(id, { signal }),
      () => store.take(id, { signal }),
      () => store.set(id, new Uint8Array(9), { expiresAt, signal }),
    ];
    for (const call of calls) {
      assertEquals(await assertRejects(call, Error), signal.reason);
    }
    assertEquals(await store.get(id), record);
  });

  describe("names the cause of a failure", () => {
    it("where a file has taken the place of the directory", async () => {
      const store = new DirectorySessionStore(place.path, { now });
      await Deno.remove(place.path);
      await Deno.writeTextFile(place.path, "");
      for (const [what, use] of usesOf(store)) {
        const error = await assertRejects(
          use,
          Error,
          `Cannot ${what}: ENOTDIR`,
        );
        assert(error.cause instanceof Error);
      }
    });

    it("where the directory was removed, unless nothing is the answer", async () => {
      const store = new DirectorySessionStore(place.path, { now });
      await Deno.remove(place.path);
      const { id } = numbered(1);
      assertEquals(await store.get(id), undefined);
      assertEquals(await store.take(id), undefined);
      await store.delete(id, "fatal");
      for (const [what, use] of usesOf(store)) {
        if (/store|revoke|list|expired/.test(what)) {
          await assertRejects(use, Error, `Cannot ${what}: ENOENT`);
        }
      }
    });

    it("where a directory is in the way, and leaves nothing behind", async () => {
      const store = new DirectorySessionStore(place.path, { now });
      await put(store, 1);
      const file = await onlyFile();
      await Deno.remove(file);
      await Deno.mkdir(file);
      await assertRejects(
        () => put(store, 1),
        Error,
        "Cannot store the session: EISDIR",
      );
      assertEquals((await fileNames()).length, 1);
    });
  });

  describe("can't be opened", () => {
    const cases: [string, string, string][] = [
      [
        "in a directory that does not exist",
        "none/sessions",
        "its parent directory does not exist; create it first",
      ],
      [
        "where there is a file",
        "file",
        "it is not a directory; remove it, or use another path",
      ],
      ["below a file", "file/sessions", "ENOTDIR"],
    ];
    for (const [what, name, message] of cases) {
      it(what, async () => {
        await Deno.writeTextFile(`${place.folder}/file`, "");
        assertThrows(
          () => new DirectorySessionStore(`${place.folder}/${name}`),
          Error,
          `Cannot open the session store ${place.folder}/${name}: ${message}`,
        );
      });
    }
  });

  describe("refuses an invalid argument:", () => {
    const wrong: [string, unknown, object, string][] = [
      [
        "an empty path",
        "",
        {},
        'path must be a URL or a non-empty string, received ""',
      ],
      [
        "a number for a path",
        1,
        {},
        "path must be a URL or a non-empty string, received 1",
      ],
      [
        "an unknown synchronous",
        "sessions",
        { synchronous: "off" },
        'synchronous must be "normal" or "full", received "off"',
      ],
    ];
    for (const [what, path, options, message] of wrong) {
      it(what, () => {
        const create = (): unknown =>
          new DirectorySessionStore(
            path as string,
            options as DirectorySessionStoreOptions,
          );
        const text = message;
        assertThrows(create, Error, text);
      });
    }
  });
});

/** Stores the `n`th session, with a tag, for `lifetime` ms. */
async function put(
  store: DirectorySessionStore,
  n: number,
  lifetime = 10_000,
): Promise<NumberedSession> {
  const { id, record } = numbered(n);
  const expiresAt = new Date(place.clock + lifetime);
  await store.set(id, record, { expiresAt, tag: "a" });
  return { id, record, expiresAt };
}

/** Every call, with what its error says. */
function usesOf(
  store: DirectorySessionStore,
): [string, () => Promise<unknown>][] {
  const { id } = numbered(1);
  return [
    ["look up the session", () => store.get(id)],
    ["store the session", () => put(store, 1)],
    ["remove the session", () => store.delete(id, "fatal")],
    ["take the session", () => store.take(id)],
    ["revoke the sessions", () => store.revoke({ tag: "a" })],
    ["list the sessions", () => Array.fromAsync(store.entries())],
    ["remove expired sessions", () => store.purge()],
  ];
}

async function fileNames(): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(place.path))).map(({ name }) =>
    name
  );
}

/** The path of the one file that is there. */
async function onlyFile(): Promise<string> {
  const names = await fileNames();
  assertEquals(names.length, 1);
  return `${place.path}/${names[0]}`;
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.lstat(path)).mode ?? 0) & 0o777;
}
