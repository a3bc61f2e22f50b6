/**
 * `store`, run as its users run it.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openStore } from "../../src/cli/open_store.ts";
import { readEntries } from "../../src/cli/store/list.ts";
import { runCli } from "../support/cli.ts";
import { Folder } from "../support/temp_folder.ts";
import type { Output } from "../support/programs.ts";

const SECRET = "a master secret";
const HOUR = 3_600_000;

for (const scheme of ["sqlite", "dir"]) {
  describe(`store, on ${scheme}:PATH`, () => {
    it("counts and lists sessions, and removes them", async () => {
      await using folder = await Folder.make();
      const spec = `${scheme}:${folder.path("sessions")}`;
      await fill(spec);

      const stats = await store(spec, "stats");
      assertMatch(stats.stdout, /: 4 sessions, [1-9]\d* bytes$/m);
      assertMatch(stats.stdout, /^ {2}6 h +3 █{40}$/m);
      assertMatch(stats.stdout, /^ {2}1 d +0$/m);
      assertMatch(stats.stdout, /^ {2}7 d +1 █{14}$/m);
      assertMatch(stats.stdout, /^ {2}alice +2 █{40}$/m);
      assertStringIncludes(stats.stdout, "b\\u{1b}[31mob");
      assertMatch(stats.stdout, /^ {2}\(none\) +1 █{20}$/m);
      const numbers = JSON.parse((await store(spec, "stats", "--json")).stdout);
      assertEquals([numbers.sessions, numbers.untagged], [4, 1]);
      assertEquals(numbers.tags[0], { tag: "alice", sessions: 2 });

      const table = (await store(spec, "list", "--limit", "2")).stdout;
      assertStringIncludes(table, "in 1 h 59 min");
      assertStringIncludes(table, "... and 2 more sessions");
      assertFalse(table.includes("in 2 d"), "the last to expire");
      const entries = (await store(spec, "list", "--json")).stdout.trim()
        .split("\n").map((line) => JSON.parse(line));
      assertEquals(
        entries.map(({ id }) => id).sort(),
        ["0001", "0002", "0003", "host:443#4"],
      );

      const byTag = await store(spec, "revoke", "--tag", "alice");
      assertEquals(byTag.stdout, "Removed 2 sessions\n");
      const byId = await store(spec, "revoke", "--id", "host:443#4");
      assertEquals(byId.stdout, "Removed 1 session\n");
      const again = await store(spec, "revoke", "--id", "host:443#4");
      assertStringIncludes(again.stdout, "has no session host:443#4");

      assertStringIncludes((await store(spec, "purge")).stdout, "expired");
      const unsure = await store(spec, "purge", "--all");
      assertEquals(unsure.code, 2);
      assertStringIncludes(unsure.stderr, "--yes");
      const sure = await store(spec, "purge", "--all", "--yes");
      assertStringIncludes(sure.stdout, "Removed 1 session\n");
      assertEquals((await store(spec, "list")).stdout, "No sessions\n");
    });
  });
}

describe("store", () => {
  it("refuses invalid usage with exit code 2", async () => {
    await using folder = await Folder.make();
    const spec = `sqlite:${folder.path("sessions.db")}`;
    await (await openStore(spec)).close();
    const cases: [string[], string][] = [
      [["list"], "SESAME_STORE"],
      [["list", "--store", "memory"], "memory"],
      [["list", "--store", "sqlite::memory:"], "memory"],
      [["list", "--store", `sqlite:${folder.path("typo")}`], "no store at"],
      [["list", "--store", spec, "--limit", "0"], "from 1"],
      [["revoke", "--store", spec], "either --tag or --id"],
      [["revoke", "--store", spec, "--id", "a", "--tag", "b"], "either"],
      [["polish"], "polish"],
    ];
    await Promise.all(cases.map(async ([args, message]) => {
      const { code, stdout, stderr } = await runCli(["store", ...args]);
      assertEquals([code, stdout], [2, ""], `${args}: ${stderr}`);
      assertStringIncludes(stderr, message);
    }));
    const typo = await Deno.stat(folder.path("typo")).catch(() => undefined);
    assertEquals(typo, undefined, "looking makes no store");
  });

  it("reads the store's URL from the environment", async () => {
    await using folder = await Folder.make();
    const spec = `sqlite:${folder.path("sessions.db")}`;
    await fill(spec);
    const { stdout } = await runCli(["store", "stats"], { store: spec });
    assertMatch(stdout, /: 4 sessions, /);
    const given = `dir:${folder.path("other")}`;
    const args = ["store", "stats", "--store", given];
    const { stderr } = await runCli(args, { store: spec });
    assertStringIncludes(stderr, "no store at");
  });

  it("reports a store that can't list its sessions", () => {
    const bare = { get: () => undefined, set: () => {}, delete: () => {} };
    assertThrows(() => readEntries(bare, "bare"), Error, "cannot list");
  });

  it("generates keys that encrypt a store", async () => {
    await using folder = await Folder.make();
    const one = await runCli(["store", "keygen"]);
    const other = await runCli(["store", "keygen"]);
    assertMatch(one.stdout, /^[0-9a-f]{64}\n$/);
    assert(one.stdout !== other.stdout);
    const keys = folder.path("keys");
    await Deno.writeTextFile(keys, one.stdout, { mode: 0o600 });
    const spec = `dir:${folder.path("sessions")}`;
    await fill(spec, keys);
    const stats = await store(spec, "stats");
    assertMatch(stats.stdout, /^ {2}[0-9a-f]{64} \(hashed\) +2 █{40}$/m);
    assertMatch((await store(spec, "list")).stdout, /[0-9a-f]{64} \(hashed\) /);
    const blind = await store(spec, "revoke", "--tag", "alice");
    assertEquals([blind.code, blind.stdout], [1, ""]);
    assertStringIncludes(blind.stderr, "--encrypt-key-file");
    const withKey = ["--encrypt-key-file", keys];
    assertMatch(
      (await store(spec, "stats", ...withKey)).stdout,
      /^ {2}\(none or hidden\) +4 █{40}$/m,
    );
    const { stdout } = await store(
      spec,
      "revoke",
      "--tag",
      "alice",
      ...withKey,
    );
    assertEquals(stdout, "Removed 2 sessions\n");
  });
});

/** Runs a command on a store; no record may come out of it. */
async function store(
  spec: string,
  command: string,
  ...args: string[]
): Promise<Output> {
  const output = await runCli(["store", command, "--store", spec, ...args]);
  assertFalse((output.stdout + output.stderr).includes(SECRET));
  return output;
}

async function fill(spec: string, encryptKeyFile?: string): Promise<void> {
  const { store, close } = await openStore(
    spec,
    encryptKeyFile === undefined ? {} : { encryptKeyFile },
  );
  const record = new TextEncoder().encode(SECRET);
  const put = (id: Uint8Array, hours: number, tag?: string): unknown =>
    store.set(id, record, {
      expiresAt: new Date(Date.now() + hours * HOUR),
      ...(tag !== undefined && { tag }),
    });
  await put(new Uint8Array([0, 1]), 2, "alice");
  await put(new Uint8Array([0, 2]), 2, "alice");
  await put(new Uint8Array([0, 3]), 2, "b\x1b[31mob");
  await put(new TextEncoder().encode("host:443#4"), 50);
  await close();
}
