/**
 * `deno task demo`: a client meets one server, is handed a session that lands in a
 * store, and resumes it at another server in another WebAssembly instance.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { printTable } from "console-table-printer";
import {
  OpenSSL,
  type SessionStore,
  TlsContext,
  TlsEngine,
  type TlsSession,
  type TlsVersion,
} from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { SqliteSessionStore } from "@sesame/tls/stores/sqlite";
import { createTestCertificate } from "@sesame/tls/testing";
import { WitnessedStore } from "./witnessed_store.ts";

const HELP = `deno task demo [--store memory|sqlite:PATH] [--tls 1.2|1.3|both]

One client meets two servers that share a session store, each an OpenSSL of its
own in WebAssembly, and a third that doesn't share it.

  --store  where sessions live; by default a new SQLite file, removed afterwards
  --tls    which versions to show; by default both
  --help   this text`;

const VERSIONS: Record<string, TlsVersion[]> = {
  "1.2": ["TLSv1.2"],
  "1.3": ["TLSv1.3"],
  "both": ["TLSv1.2", "TLSv1.3"],
};

interface Server {
  readonly name: string;
  readonly context: TlsContext;
  readonly store: WitnessedStore;
}

interface Meeting {
  readonly session: TlsSession | null;
  readonly row: Record<string, string>;
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}

async function main(): Promise<void> {
  const { store, versions } = readArguments();
  const { cert, key } = createTestCertificate();
  const { openStore, location, cleanUp } = storage(store);
  const servers = ["alpha", "beta"].map((name) =>
    startServer(name, openStore(), cert, key)
  );
  servers.push(startServer("loner", new MemorySessionStore(), cert, key));
  console.log(`${OpenSSL.default.version} in WebAssembly`);
  console.log(`alpha and beta share ${location}; loner has its own store`);

  const rows: Record<string, string>[] = [];
  for (const version of versions) {
    rows.push(...await tour(version, servers, cert));
  }
  console.log();
  printTable(rows, {
    defaultColumnOptions: { alignment: "left" },
    shouldDisableColors: true,
  });
  for (const { context, store } of servers) {
    context.close();
    store.close();
  }
  cleanUp();
}

/** The client's way from server to server, with one session in its pocket. */
async function tour(
  version: TlsVersion,
  servers: Server[],
  cert: string,
): Promise<Record<string, string>[]> {
  const [alpha, beta, loner] = servers as [Server, Server, Server];
  using client = new TlsContext({ caCerts: [cert], maxVersion: version });
  console.log(`\n${version}`);
  let session: TlsSession | null = null;
  const rows: Record<string, string>[] = [];
  for (const server of [alpha, beta, alpha, loner]) {
    const meeting: Meeting = await meet(client, server, session);
    session = meeting.session ?? session;
    rows.push(meeting.row);
  }
  return rows;
}

async function meet(
  client: TlsContext,
  server: Server,
  session: TlsSession | null,
): Promise<Meeting> {
  server.store.forget();
  const start = performance.now();
  using there = new TlsEngine(server.context, { role: "server" });
  using here = new TlsEngine(client, {
    role: "client",
    hostname: "localhost",
    ...(session && { session }),
  });
  do {
    there.receive(here.send());
    await there.pending; // the store's answer
    here.receive(there.send());
  } while (there.state !== "open" || here.state !== "open");
  const time = `${(performance.now() - start).toFixed(1)} ms`;
  here.close();
  there.receive(here.send());

  const { protocol = "", cipher = "", resumed } = here.info ?? {};
  const row = {
    server: server.name,
    version: protocol,
    cipher,
    handshake: resumed ? "resumed" : "full",
    store: server.store.account(),
    time,
  };
  console.log(
    `  client meets ${server.name.padEnd(5)}  ${row.handshake.padEnd(7)}  ` +
      `${time.padStart(8)}  ${cipher}; its store ${row.store}`,
  );
  return { session: here.session, row };
}

function startServer(
  name: string,
  store: SessionStore & { close?: () => void },
  cert: string,
  key: string,
): Server {
  const witnessed = new WitnessedStore(store);
  const context = new TlsContext({
    cert,
    key,
    sessions: witnessed,
    openssl: new OpenSSL(),
  });
  return { name, context, store: witnessed };
}

function readArguments(): {
  store: string | undefined;
  versions: TlsVersion[];
} {
  try {
    const { values } = parseArgs({
      options: {
        store: { type: "string" },
        tls: { type: "string", default: "both" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const versions = VERSIONS[values.tls];
    if (!versions) throw new RangeError(`--tls can't be ${values.tls}`);
    if (values.store && !/^(memory$|sqlite:.)/.test(values.store)) {
      throw new RangeError(`--store can't be ${values.store}`);
    }
    return { store: values.store, versions };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

/** How each server that shares the storage opens it. */
function storage(choice: string | undefined): {
  openStore: () => SessionStore;
  location: string;
  cleanUp: () => void;
} {
  if (choice === "memory") {
    const shared = new MemorySessionStore();
    return {
      openStore: () => shared,
      location: "a store in memory",
      cleanUp: () => {},
    };
  }
  if (choice !== undefined) {
    const path = choice.slice("sqlite:".length);
    return {
      openStore: () => new SqliteSessionStore(path),
      location: `the SQLite file ${path}`,
      cleanUp: () => {},
    };
  }
  const folder = mkdtempSync(join(tmpdir(), "sesame-demo-"));
  const path = join(folder, "sessions.db");
  return {
    openStore: () => new SqliteSessionStore(path),
    location: `the SQLite file ${path}`,
    cleanUp: () => rmSync(folder, { recursive: true }),
  };
}
