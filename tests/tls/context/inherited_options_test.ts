/** Options are a caller's own: what `Object.prototype` was made to have is none. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  connectTls,
  listenTls,
  OpenSSL,
  type SessionStore,
  startTls,
  TlsContext,
  TlsEngine,
  TlsError,
} from "@sesame/tls";
import { DirectorySessionStore } from "@sesame/tls/stores/directory";
import { EncryptedSessionStore } from "@sesame/tls/stores/encrypted";
import { KvSessionStore } from "@sesame/tls/stores/kv";
import { LayeredSessionStore } from "@sesame/tls/stores/layered";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { SqliteSessionStore } from "@sesame/tls/stores/sqlite";
import {
  serveSessionStore,
  WorkerSessionStore,
} from "@sesame/tls/stores/worker";
import {
  checkSessionStore,
  createTestCertificate,
  createTestPki,
  createTlsPair,
  createTlsSandbox,
  createTlsSocketPair,
  createTransportPair,
  FaultyStore,
  Network,
  runScenario,
  SpyStore,
  TraceRecorder,
  VirtualClock,
} from "@sesame/tls/testing";
import {
  CloudflareKvSessionStore,
  DurableObjectSessionStore,
} from "../../../src/stores/cloudflare.ts";
import { RedisSessionStore } from "../../../src/stores/redis.ts";
import { main } from "../../../src/cli/main.ts";
import { pki } from "../../support/credentials.ts";
import { Folder } from "../../support/temp_folder.ts";

/** What is not an option: of a transport, which may be of any class, and of a decoded message. */
const FACTS =
  /^(local|remote)Address tls\/socket\/|^maxEarlyData testing\/trace\/essentials/;
/** A flag of the command line, in the interfaces of those. */
const FLAG = /^ {2}(?:readonly )?(\w+)\??: /gm;
/** What Deno would take for its own, and the runtime for a property descriptor's. */
const OTHERS = new Set(["error", "configurable", "enumerable", "writable"]);
const SOURCES = new URL("../../../src/", import.meta.url);
const caCerts = [pki.ca.cert];
const any = {} as never;

/** What is tried: each may read what it is given, and no more. */
const USES: Record<string, () => unknown> = {
  "OpenSSL": () => new OpenSSL({}).libssl.RAND_bytes(1),
  "TlsError": () => new TlsError("closed", "", {}),
  "TlsContext": () => new TlsContext({}).close(),
  "TlsContext of a server": () => new TlsContext({ ...pki.server }).close(),
  "TlsContext of several certificates": () =>
    new TlsContext({ certificates: [{ ...pki.server }] }).close(),
  "TlsContext with a store": () =>
    new TlsContext({ ...pki.server, sessions: new MemorySessionStore() })
      .close(),
  "TlsEngine": () => {
    using context = new TlsContext({ ...pki.server, caCerts });
    new TlsEngine(context, { role: "server" })[Symbol.dispose]();
    new TlsEngine(context, { role: "client", hostname: "localhost" })
      [Symbol.dispose]();
  },
  "listenTls, connectTls and stores of both": async () => {
    using listener = listenTls({
      port: 0,
      ...pki.server,
      sessions: new MemorySessionStore({}),
    });
    const sessions = new MemorySessionStore({});
    for (let i = 0; i < 2; i++) {
      const accepted = listener.accept();
      await using socket = await connectTls({
        hostname: "localhost",
        port: listener.addr.port,
        caCerts,
        sessions,
      });
      await using server = await accepted;
      await server.close();
      await new Response(socket.readable).bytes();
      assertEquals(socket.info?.resumed, i === 1);
    }
  },
  "startTls": async () => {
    const { client } = createTransportPair();
    using context = new TlsContext({ caCerts });
    const socket = startTls(client, {
      role: "client",
      context,
      hostname: "localhost",
    });
    await socket.close();
  },
  "MemorySessionStore": () => useStore(new MemorySessionStore({})),
  "SqliteSessionStore": () => useStore(new SqliteSessionStore(":memory:", {})),
  "DirectorySessionStore": async () => {
    await using folder = await Folder.make();
    await useStore(new DirectorySessionStore(folder.path("store"), {}));
  },
  "EncryptedSessionStore": () =>
    useStore(
      new EncryptedSessionStore(
        new MemorySessionStore(),
        [new Uint8Array(32)],
        {},
      ),
    ),
  "LayeredSessionStore": () =>
    useStore(
      new LayeredSessionStore(
        new MemorySessionStore(),
        new MemorySessionStore(),
        {},
      ),
    ),
  "KvSessionStore": async () => {
    using kv = await Deno.openKv(":memory:");
    await useStore(new KvSessionStore(kv, {}));
  },
  "serveSessionStore and WorkerSessionStore": async () => {
    const { port1, port2 } = new MessageChannel();
    using _ = serveSessionStore(new MemorySessionStore(), port1, {});
    await useStore(new WorkerSessionStore(port2, {}));
    port1.close();
    port2.close();
  },
  "CloudflareKvSessionStore": () => new CloudflareKvSessionStore(any, {}),
  "DurableObjectSessionStore": () => new DurableObjectSessionStore(any, {}),
  "RedisSessionStore": () =>
    new RedisSessionStore({ sendCommand: () => null } as never, {}),
  "checkSessionStore": () =>
    checkSessionStore(() => new MemorySessionStore(), {}),
  "SpyStore": () => useStore(new SpyStore(new MemorySessionStore(), {})),
  "FaultyStore": () =>
    useStore(
      new FaultyStore(new MemorySessionStore(), {
        faults: [{ on: "get", fault: { kind: "expired" } }],
      }),
    ),
  "createTestCertificate": () => createTestCertificate({}),
  "createTestPki": () => createTestPki({}).issue({}),
  "createTlsSandbox": () => createTlsSandbox({})[Symbol.dispose](),
  "createTlsPair": async () => {
    using pair = createTlsPair({ client: {}, server: {}, network: {} });
    await pair.handshake();
    using again = pair.reconnect({});
    await again.handshake();
    assertEquals(again.server.resumption?.resumed, true);
    again.trace.messages({});
    again.trace.toLadder({});
    again.trace.toPcapng({});
  },
  "createTlsSocketPair": async () => {
    await using pair = createTlsSocketPair({});
    await pair.client.opened;
  },
  "createTransportPair": () => createTransportPair({}),
  "Network": () =>
    new Network({ toServer: { drop: { atByte: 1 } } }, {
      clock: new VirtualClock(),
    }),
  "TraceRecorder": () => new TraceRecorder({}),
  "the command line": async () => {
    for (const args of [["connect", "localhost:1"], ["serve"]]) {
      assertEquals(await main([...args, "--pfx", "missing.pfx"]), 2);
    }
    const missing = ["--store", "directory:/missing/folder"];
    assertEquals(await main(["store", "stats", ...missing]), 2);
  },
  "runScenario": async () => {
    const { ok } = await runScenario({
      name: "a server",
      expect: { result: "success" },
    }, {});
    assert(ok);
  },
};

describe("What Object.prototype has is not an option", () => {
  for (const [name, use] of Object.entries(USES)) {
    it(`of ${name}`, async () => {
      assertEquals(await readsOf(await optionNames(), use), []);
    });
  }
});

/** Where the sources read a name that nobody gave them, out of `Object.prototype`. */
async function readsOf(
  names: readonly string[],
  use: () => unknown,
): Promise<string[]> {
  const reads = new Set<string>();
  for (const name of names) {
    Object.defineProperty(Object.prototype, name, {
      configurable: true,
      get(): unknown {
        const [, , reader = ""] = new Error().stack?.split("\n") ?? [];
        const at = reader.indexOf(SOURCES.href);
        if (at !== -1) {
          reads.add(`${name} ${reader.slice(at + SOURCES.href.length)}`);
        }
        return undefined;
      },
      set(value: unknown): void {
        Object.defineProperty(this, name, {
          value,
          configurable: true,
          enumerable: true,
          writable: true,
        });
      },
    });
  }
  try {
    await use();
  } finally {
    for (const name of names) Reflect.deleteProperty(Object.prototype, name);
  }
  return [...reads].filter((read) => !FACTS.test(read)).sort();
}

let known: Promise<readonly string[]> | undefined;

/** The names of all options: the sources list them, each with `true`. */
function optionNames(): Promise<readonly string[]> {
  return known ??= (async () => {
    const texts = await Promise.all(sourcesIn(SOURCES));
    const names = texts.flatMap((text) => [
      ...text.matchAll(/\b(\w+): true\b/g),
      ...(/interface \w+Flags\b/.test(text) ? text.matchAll(FLAG) : []),
    ]).map(([, name = ""]) => name);
    return [...new Set([...names, "tag"])].filter((name) => !OTHERS.has(name));
  })();
}

function sourcesIn(folder: URL): Promise<string>[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? sourcesIn(new URL(`${name}/`, folder))
      : [Deno.readTextFile(new URL(name, folder))]
  );
}

/** Writes, looks up, takes and deletes. */
async function useStore(store: SessionStore): Promise<void> {
  const id = new Uint8Array(32);
  const expiresAt = new Date(Date.now() + 60_000);
  const { signal } = new AbortController();
  await store.set(id, new Uint8Array(9), { expiresAt, signal });
  await store.get(id, { signal });
  await store.take?.(id, { signal });
  await store.delete(id, "expired");
}
