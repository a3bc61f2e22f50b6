import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { openStore } from "../../src/cli/open_store.ts";
import { readKeys } from "../../src/cli/store/key_file.ts";
import { openRedis } from "../../src/cli/store/redis.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { Folder } from "../support/temp_folder.ts";
import {
  describeWithRedis,
  RedisCluster,
  RedisServer,
  until,
} from "../support/redis.ts";

const ID = new TextEncoder().encode("an id");
const RECORD = new TextEncoder().encode("a master secret");
const HEX = "00112233445566778899aabbccddeeff".repeat(2);
const BASE64 = Uint8Array.fromHex(HEX.replaceAll("a", "b")).toBase64();

describe("openStore", () => {
  it("opens a store in this process's memory", async () => {
    const { name, isShared } = await assertKeeps("memory");
    assertEquals([name, isShared], ["memory", false]);
  });

  for (const scheme of ["sqlite", "dir", "kv"]) {
    it(`opens ${scheme}:PATH, which others can open too`, async () => {
      await using folder = await Folder.make();
      const spec = `${scheme}:${folder.path("sessions")}`;
      const { name, isShared } = await assertKeeps(spec);
      assertEquals([name, isShared], [spec, true]);
      const again = await openStore(spec);
      assertEquals(await again.store.get(ID), RECORD);
      await again.close();
    });
  }

  it("lists the kinds of stores for an unknown one", async () => {
    for (
      const spec of ["", "sqlite", "sqlite:", "postgres://a:pw@host", "x:y"]
    ) {
      const error = await assertRejects(() => openStore(spec), UsageError);
      assertStringIncludes(error.message, "sqlite:PATH");
      assertStringIncludes(error.message, "redis://HOST:PORT");
    }
  });

  it("shows no password, whatever is wrong with the URL", async () => {
    for (
      const spec of [
        "redis://user:hun7/ter2x@host",
        "redis://user:hun7#ter2x@host",
        "redis://:hun7?ter2x@host",
        "redis://user:1?hun7ter2x@host",
        "redis://user:hun7@ter2x/@host",
        "redis-cluster://user:hun7/ter2x@host",
        "redis-cluster://user:hun7ter2x@host/1",
        "REDIS://user:hun7ter2x@host",
        "redis:/user:hun7ter2x@host",
        "rediss+unix://user:hun7ter2x@host",
        "user:hun7ter2x@host",
      ]
    ) {
      const error = await assertRejects(() => openStore(spec), UsageError);
      // As --debug shows it.
      const all = Deno.inspect(error);
      assertFalse(/hun7|ter2x/.test(all), all);
      assertStringIncludes(all, "host");
    }
  });

  it("names the flag for Deno KV where it is missing", async () => {
    const openKv = Object.getOwnPropertyDescriptor(Deno, "openKv");
    assert(openKv?.configurable);
    Reflect.deleteProperty(Deno, "openKv");
    try {
      await assertRejects(
        () => openStore("kv:sessions"),
        UsageError,
        "--unstable-kv",
      );
    } finally {
      Object.defineProperty(Deno, "openKv", openKv);
    }
  });

  it("encrypts with the first key and decrypts with all", async () => {
    await using folder = await Folder.make();
    const spec = `sqlite:${folder.path("sessions")}`;
    const encryptKeyFile = await keyFile(folder, HEX);
    await assertKeeps(spec, encryptKeyFile);

    const plain = await openStore(spec);
    const stored = new TextDecoder().decode(await plain.store.get(ID));
    assertFalse(stored.includes("master secret"));
    await plain.close();

    await keyFile(folder, `# newer\n${BASE64}\n\n# older\n  ${HEX}\r\n`);
    const rotated = await openStore(spec, { encryptKeyFile });
    assertEquals(await rotated.store.get(ID), RECORD);
    await rotated.close();
  });

  it("reports records that no key decrypts", async () => {
    await using folder = await Folder.make();
    const spec = `sqlite:${folder.path("sessions")}`;
    const encryptKeyFile = await keyFile(folder, HEX);
    await assertKeeps(spec, encryptKeyFile);
    await keyFile(folder, BASE64);
    const rejected: Error[] = [];
    const { store, close } = await openStore(spec, {
      encryptKeyFile,
      onRejected: (error) => rejected.push(error),
    });
    assertEquals(await store.get(ID), undefined);
    assertEquals(rejected.length, 1);
    await close();
  });
});

describe("readKeys", () => {
  it("names the line that is not a key, and never shows it", async () => {
    await using folder = await Folder.make();
    for (const secret of [HEX.slice(2), `${HEX}00`, "c2VjcmV0", "hunter 2"]) {
      const path = await keyFile(folder, `${HEX}\n\n${secret}\n`);
      const error = await assertRejects(
        () => readKeys("--encrypt-key-file", path),
        UsageError,
        "line 3",
      );
      assertFalse(error.message.includes(secret));
    }
  });

  it("refuses files without a key, and files that aren't there", async () => {
    await using folder = await Folder.make();
    const path = await keyFile(folder, "# nothing\n\n");
    await assertRejects(
      () => readKeys("--encrypt-key-file", path),
      UsageError,
      "has no keys",
    );
    await assertRejects(
      () => readKeys("--encrypt-key-file", folder.path("missing")),
      UsageError,
      "missing",
    );
  });

  it("warns if others can read the file", async () => {
    await using folder = await Folder.make();
    const path = await keyFile(folder, HEX);
    assertEquals(
      await warningsOf(() => readKeys("--encrypt-key-file", path)),
      [],
    );
    await Deno.chmod(path, 0o644);
    const [warning, ...more] = await warningsOf(() =>
      readKeys("--encrypt-key-file", path)
    );
    assertMatch(warning ?? "", /other users can read the keys in .*chmod 600/);
    assertEquals(more, []);
  });
});

describeWithRedis("redis-server", "openStore with Redis", () => {
  it("opens it, and never shows the password", async () => {
    await using server = await RedisServer.start();
    const { name, isShared } = await assertKeeps(`${server.url}/0`);
    assertEquals(name, `redis://127.0.0.1:${server.port}/0`);
    assert(isShared);
  });

  it("opens a cluster", async () => {
    await using cluster = await RedisCluster.start();
    const hosts = cluster.servers.map(({ url }) => url.replace(/^.*@/, ""));
    const [user] = cluster.servers[0]?.url.match(/(?<=\/\/).*@/) ?? [];
    const { name } = await assertKeeps(`redis-cluster://${user}${hosts}`);
    assertEquals(name, `redis-cluster://${hosts}`);
  });

  it("reconnects when the server is back", async () => {
    await using server = await RedisServer.start();
    const said: string[] = [];
    const { store, close, name } = await openStore(server.url, {
      onOutage: (event, message) => said.push(`${event} ${message}`),
    });
    await server.kill();
    await assertRejects(async () => await store.get(ID));
    await until("it has tried again", () => Promise.resolve(said.length > 0));
    await server.restart();
    await until("the client is back", async () => {
      try {
        return await store.get(ID) === undefined;
      } catch {
        return false;
      }
    });
    const [away = "", ...others] = said;
    assertStringIncludes(away, `away ${name}: `);
    assertEquals(others, [`back ${name}`]);
    await close();
  });

  it("fails on a server that accepts connections and doesn't answer", async () => {
    await using server = await RedisServer.start();
    server.pause();
    await assertRejects(
      () => openRedis(server.url, () => {}, 300),
      Error,
      "no answer within 300 ms",
    );
  });

  it("fails at once when nothing listens", async () => {
    const error = await assertRejects(() =>
      openStore("redis://user:hunter2@127.0.0.1:1")
    );
    assertMatch(
      String(error),
      /Cannot open redis:\/\/127\.0\.0\.1:1: .*REFUSED/,
    );
    assertFalse(String(error).includes("hunter2"));
  });
});

/** Opens a store, has it keep a record, and closes it. */
async function assertKeeps(
  spec: string,
  encryptKeyFile?: string,
): Promise<{ name: string; isShared: boolean }> {
  const { store, name, isShared, close } = await openStore(
    spec,
    encryptKeyFile === undefined ? {} : { encryptKeyFile },
  );
  await store.set(ID, RECORD, { expiresAt: new Date(Date.now() + 600_000) });
  assertEquals(await store.get(ID), RECORD);
  await close();
  return { name, isShared };
}

async function keyFile(folder: Folder, text: string): Promise<string> {
  const path = folder.path("keys");
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  return path;
}

/** What `body` has to say on the console. */
async function warningsOf(body: () => Promise<unknown>): Promise<string[]> {
  const messages: string[] = [];
  const { error } = console;
  console.error = (message) => void messages.push(String(message));
  try {
    await body();
  } finally {
    console.error = error;
  }
  return messages;
}
