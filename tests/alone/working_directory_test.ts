/**
 * Stores' files, in a working directory and with a umask of the test's own: all files that
 * run at the same time have these in common.
 */
import { assertEquals, assertExists } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { pathToFileURL } from "node:url";
import { DirectorySessionStore } from "../../src/stores/directory.ts";
import { SqliteSessionStore } from "../../src/stores/sqlite.ts";
import { numbered } from "../testdata/numbered_sessions.ts";

const { id, record, expiresAt } = numbered(1);
let folder = "";

describe("A store's files", () => {
  beforeEach(async () => {
    folder = await Deno.makeTempDir({ prefix: "sesame_" });
  });

  afterEach(async () => {
    await Deno.remove(folder, { recursive: true });
  });

  it("are found again in a directory, whatever the working directory", async () => {
    const store = inFolder(() => new DirectorySessionStore("sessions"));
    await store.set(id, record, { expiresAt });
    const again = new DirectorySessionStore(
      pathToFileURL(`${folder}/sessions`),
    );
    assertEquals(await again.get(id), record);
  });

  it("are where the path says, even if it looks like a URI", () => {
    inFolder(() => {
      using store = new SqliteSessionStore("file:a?mode=memory");
      store.set(id, record, { expiresAt });
    });
    using again = new SqliteSessionStore(`${folder}/file:a?mode=memory`);
    assertExists(again.get(id));
  });

  it("of SQLite are their owner's alone, whatever the umask", () => {
    const path = `${folder}/sessions.db`;
    const umask = Deno.umask(0);
    try {
      using store = new SqliteSessionStore(path);
      store.set(id, record, { expiresAt });
      for (const suffix of ["", "-wal", "-shm"]) {
        const { mode } = Deno.statSync(path + suffix);
        assertEquals((mode ?? 0) & 0o777, 0o600, suffix);
      }
    } finally {
      Deno.umask(umask);
    }
  });
});

/** Does something whose working directory is the folder. */
function inFolder<T>(act: () => T): T {
  const before = Deno.cwd();
  Deno.chdir(folder);
  try {
    return act();
  } finally {
    Deno.chdir(before);
  }
}
