import { assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  CloudflareKvSessionStore,
  DurableObjectSessionStore,
} from "../../src/stores/cloudflare.ts";
import { DirectorySessionStore } from "../../src/stores/directory.ts";
import { EncryptedSessionStore } from "../../src/stores/encrypted.ts";
import { KvSessionStore } from "../../src/stores/kv.ts";
import { LayeredSessionStore } from "../../src/stores/layered.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { RedisSessionStore } from "../../src/stores/redis.ts";
import { SharedMemorySessionStore } from "../../src/stores/shared_memory.ts";
import { SqliteSessionStore } from "../../src/stores/sqlite.ts";
import { WorkerSessionStore } from "../../src/stores/worker.ts";

/** A backend that is never used: it has whatever methods it is asked for. */
const backend = new Proxy({}, {
  get: () => () => {},
  has: () => true,
});
const inner = new MemorySessionStore();

const CREATORS: readonly [string, (options: object) => unknown][] = [
  ["CloudflareKv", (o) => new CloudflareKvSessionStore(backend as never, o)],
  ["Directory", (o) => new DirectorySessionStore("/dev/null", o)],
  ["DurableObject", (o) => new DurableObjectSessionStore(backend as never, o)],
  ["Encrypted", (o) => new EncryptedSessionStore(inner, [], o)],
  ["Kv", (o) => new KvSessionStore(backend as never, o)],
  ["Layered", (o) => new LayeredSessionStore(inner, inner, o)],
  ["Memory", (o) => new MemorySessionStore(o)],
  ["Redis", (o) => new RedisSessionStore(backend as never, o)],
  ["SharedMemory", (o) => new SharedMemorySessionStore(o)],
  ["Sqlite", (o) => new SqliteSessionStore(":memory:", o)],
  ["Worker", (o) => new WorkerSessionStore(backend as never, o)],
];

describe("every store refuses", () => {
  for (const [kind, create] of CREATORS) {
    it(`an option that it doesn't have: ${kind}SessionStore`, () => {
      const wrong: [unknown, string][] = [
        [
          { nwo: Date.now },
          `options.nwo is not an option of ${kind}SessionStore`,
        ],
        [null, "options must be an object, received null"],
        ["now", 'options must be an object, received "now"'],
      ];
      for (const [options, message] of wrong) {
        assertThrows(() => create(options as object), TypeError, message);
      }
    });
  }
});
