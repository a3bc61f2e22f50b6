/**
 * Opens the stores that the command line supports, by specs such as `sqlite:sessions.db`. The
 * driver of a store is loaded only when its spec is used.
 *
 * @module
 */

import { type Command, Option } from "commander";
import type { SessionStore } from "../../mod.ts";
import { ownFlags } from "./flags.ts";
import { messageOf, printable } from "./format.ts";
import { displayName } from "./store/display_name.ts";
import { readKeys } from "./store/key_file.ts";
import type { OutageListener } from "./store/redis.ts";
import { UsageError } from "./usage_error.ts";

/** An open store. */
export interface OpenedStore {
  /** The store. */
  readonly store: SessionStore;
  /** The spec without a password, for messages. */
  readonly name: string;
  /** Whether other processes and threads can open the same spec. */
  readonly isShared: boolean;
  /** The memory of the store `memory`, if it is shared with other threads. */
  readonly memory: SharedArrayBuffer | undefined;
  /** Closes files and connections. Does nothing the second time. */
  close(): Promise<void>;
}

/** Options of {@linkcode openStore}. */
export interface OpenStoreOptions {
  /** A file of keys to encrypt records with. */
  encryptKeyFile?: string;
  /** The memory of the store `memory`, of another thread; `"new"` if others will use it. */
  sharedMemory?: SharedArrayBuffer | "new";
  /** Called when a record can't be decrypted; the look-up finds nothing. */
  onRejected?: (error: Error) => void;
  /** Called when the connection to a server is lost, and when it is back. */
  onOutage?: OutageListener;
}

/** The environment variable that replaces `--store`. */
export const STORE_VARIABLE = "SESAME_STORE";

/** Help text: the specs that several processes can open. */
export const SHARED_STORE_SPECS =
  `  sqlite:PATH        an SQLite file, for the processes of one machine
  dir:PATH           a directory with one file for each session
  kv:PATH            Deno KV; needs deno's flag --unstable-kv outside of this repository
  redis://HOST:PORT  Redis or Valkey, also redis://USER:PASSWORD@HOST:PORT/DB;
                     rediss:// over TLS; redis-cluster://HOST:PORT,HOST:PORT`;

/** Help text: how to keep a password secret. */
export const SECRET_HINT = `
Other users of this machine can see command lines. Set ${STORE_VARIABLE} in the environment
instead of --store if the spec has a password.`;

/** Help text: all specs. */
const STORE_SPECS =
  `  memory             the memory of this process\n${SHARED_STORE_SPECS}`;

interface Opened {
  readonly store: SessionStore;
  readonly memory?: SharedArrayBuffer;
  readonly close?: () => void | Promise<void>;
}

/**
 * Opens the store of a spec.
 *
 * @throws {UsageError} If the spec is unknown or the key file invalid.
 * @throws {Error} If the store can't be opened.
 */
export async function openStore(
  spec: string,
  options: OpenStoreOptions = {},
): Promise<OpenedStore> {
  const { encryptKeyFile, onRejected, onOutage = printOutage, sharedMemory } =
    ownFlags(options);
  // Read first: an invalid key file must not leave the store open.
  const keys = encryptKeyFile === undefined
    ? undefined
    : await readKeys("--encrypt-key-file", encryptKeyFile);
  const { store, memory, close } = spec === "memory"
    ? await openMemory(sharedMemory)
    : await openPlain(spec, onOutage);
  let closed: Promise<void> | undefined;
  return {
    store: keys ? await encrypted(store, keys, onRejected) : store,
    name: displayName(spec) + (keys ? ", encrypted" : ""),
    isShared: spec !== "memory" && !spec.endsWith(":memory:"),
    memory,
    close: () => closed ??= Promise.resolve(close?.()),
  };
}

/** Adds `--store` and `--encrypt-key-file` to a command. */
export function addStoreOptions(command: Command): Command {
  return command
    .addOption(
      storeOption("where to keep sessions, see below").default("memory"),
    )
    .option(
      "--encrypt-key-file <file>",
      "encrypt sessions in the store: a file of 32-byte keys in hex or base64, one in each line; the first encrypts, all decrypt",
    )
    .addHelpText("after", `\nStores:\n${STORE_SPECS}\n${SECRET_HINT}`);
}

/** The option `--store`, which an environment variable can replace. */
export function storeOption(description: string): Option {
  const option = new Option("--store <spec>", description);
  const permission = { name: "env", variable: STORE_VARIABLE } as const;
  // Without the permission the variable is ignored.
  return Deno.permissions.querySync(permission).state === "granted"
    ? option.env(STORE_VARIABLE)
    : option;
}

function printOutage(...[event, message]: Parameters<OutageListener>): void {
  console.error(`Warning: store ${event}: ${printable(message)}`);
}

async function openMemory(
  shared: OpenStoreOptions["sharedMemory"],
): Promise<Opened> {
  if (shared === undefined) {
    const { MemorySessionStore } = await import("../stores/memory.ts");
    return { store: new MemorySessionStore() };
  }
  const { SharedMemorySessionStore } = await import(
    "../stores/shared_memory.ts"
  );
  const store = new SharedMemorySessionStore(
    shared === "new" ? {} : { memory: shared },
  );
  return { store, memory: store.memory };
}

async function openPlain(
  spec: string,
  onOutage: OutageListener,
): Promise<Opened> {
  if (/^rediss?:\/\//.test(spec) || spec.startsWith("redis-cluster://")) {
    const { openRedis } = await import("./store/redis.ts");
    return await openRedis(spec, onOutage);
  }
  const [, scheme, path] = /^(sqlite|dir|kv):(.+)$/s.exec(spec) ?? [];
  if (path === undefined) throw unknownSpec(spec);
  if (scheme === "sqlite") return await openSqlite(path);
  return scheme === "dir" ? await openDirectory(path) : await openKv(path);
}

async function openSqlite(path: string): Promise<Opened> {
  const { SqliteSessionStore } = await import("../stores/sqlite.ts");
  const store = new SqliteSessionStore(path);
  return { store, close: () => store.close() };
}

async function openDirectory(path: string): Promise<Opened> {
  const { DirectorySessionStore } = await import("../stores/directory.ts");
  return { store: new DirectorySessionStore(path) };
}

async function openKv(path: string): Promise<Opened> {
  // Missing at run time unless Deno was started with its flag.
  const { openKv } = Deno as Partial<Pick<typeof Deno, "openKv">>;
  if (openKv === undefined) {
    throw new UsageError(
      `Cannot open kv:${path}: Deno KV needs a flag of deno before the ` +
        "script: deno run -A --unstable-kv jsr:@sesame/tls/cli ...",
    );
  }
  const { KvSessionStore } = await import("../stores/kv.ts");
  try {
    const kv = await openKv(path);
    return { store: new KvSessionStore(kv), close: () => kv.close() };
  } catch (error) {
    throw new Error(`Cannot open kv:${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function encrypted(
  inner: SessionStore,
  keys: Uint8Array[],
  onRejected: OpenStoreOptions["onRejected"],
): Promise<SessionStore> {
  const { EncryptedSessionStore } = await import("../stores/encrypted.ts");
  const store = new EncryptedSessionStore(
    inner,
    keys,
    onRejected && { onRejected },
  );
  for (const key of keys) key.fill(0);
  return store;
}

function unknownSpec(spec: string): UsageError {
  return new UsageError(
    `Cannot open the store ${
      JSON.stringify(displayName(spec))
    }: it must be one of\n` +
      STORE_SPECS,
  );
}
