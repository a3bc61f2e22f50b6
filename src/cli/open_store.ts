/**
 * The stores that the command line knows, by their specs such as
 * `sqlite:sessions.db`. A driver is loaded only where a spec asks for it.
 *
 * @module
 */

import { ownOptions } from "../internal/own_options.ts";
import { type Command, Option } from "commander";
import type { SessionStore } from "../stores/session_store.ts";
import { printable, reasonOf } from "./format.ts";
import { readEncryptionKeys } from "./store/key_file.ts";
import type { OutageListener } from "./store/redis.ts";
import { nameOf } from "./store/spec_name.ts";
import { UsageError } from "./usage_error.ts";

/** A store, and what there is to know to use and to close it. */
export interface OpenedStore {
  /** The store. */
  readonly store: SessionStore;
  /** What to call it in front of people: the spec without a password. */
  readonly name: string;
  /** Whether other processes and threads can open the same spec themselves. */
  readonly isShared: boolean;
  /** Gives files and connections back, when called for the first time. */
  close(): Promise<void>;
}

/** How {@linkcode openStore} is told what to do around a store. */
export interface OpenStoreOptions {
  /** A file of keys, to encrypt what goes into the store. */
  encryptKeyFile?: string;
  /** Told of records that none of the keys opens; they count as missing. */
  onRejected?: (error: Error) => void;
  /** Told when a store that is a server goes, and when it is back. */
  onOutage?: OutageListener;
}

/** Where a spec may be that nobody is to see in the list of processes. */
/** What stands in for `--store`. */
export const STORE_VARIABLE = "SESAME_STORE";

/** The forms of a spec that other processes can open too, for help and errors. */
export const SHARED_STORE_SPECS =
  `  sqlite:PATH        one file, many processes of one machine
  dir:PATH           a folder with a file for each session
  kv:PATH            Deno KV; outside of this repository with deno's --unstable-kv
  redis://HOST:PORT  Redis or Valkey, also redis://USER:PASSWORD@HOST:PORT/DB;
                     rediss:// over TLS; redis-cluster://HOST:PORT,HOST:PORT`;

/** How to keep a password out of the list of processes. */
export const SECRET_HINT = `
Others on this machine see command lines, and a password in them: ${STORE_VARIABLE} in the
environment stands for --store, and is hidden from them.`;

/** All forms of a spec. */
export const STORE_SPECS =
  `  memory             in this process, gone with it\n${SHARED_STORE_SPECS}`;

interface Opened {
  readonly store: SessionStore;
  readonly close?: () => void | Promise<void>;
}

/**
 * Opens the store of a spec.
 *
 * @throws {UsageError} If the spec or the key file can't be understood.
 * @throws {Error} If the store can't be opened.
 */
export async function openStore(
  spec: string,
  options: OpenStoreOptions = {},
): Promise<OpenedStore> {
  const { encryptKeyFile, onRejected, onOutage = sayOutage } = ownOptions(
    options,
  );
  // First, so that a bad key file leaves no store open.
  const keys = encryptKeyFile === undefined
    ? undefined
    : await readEncryptionKeys(encryptKeyFile);
  const { store, close } = await openPlain(spec, onOutage);
  let closed: Promise<void> | undefined;
  return {
    store: keys ? await encrypted(store, keys, onRejected) : store,
    name: nameOf(spec) + (keys ? ", encrypted" : ""),
    isShared: spec !== "memory" && !spec.endsWith(":memory:"),
    close: () => closed ??= Promise.resolve(close?.()),
  };
}

/** Adds `--store` and `--encrypt-key-file` to a command. */
export function addStoreOptions(command: Command): Command {
  return command
    .addOption(
      storeOption("where sessions live").default("memory"),
    )
    .option(
      "--encrypt-key-file <file>",
      "encrypt what goes into the store: a file of 32-byte keys in hex or base64, one a line; the first encrypts, all decrypt",
    )
    .addHelpText("after", `\nStores:\n${STORE_SPECS}\n${SECRET_HINT}`);
}

/** The option `--store`, for which a variable of the environment stands in. */
export function storeOption(description: string): Option {
  const option = new Option("--store <spec>", description);
  const permission = { name: "env", variable: STORE_VARIABLE } as const;
  // Whoever doesn't allow it can do without.
  return Deno.permissions.querySync(permission).state === "granted"
    ? option.env(STORE_VARIABLE)
    : option;
}

function sayOutage(...[event, message]: Parameters<OutageListener>): void {
  console.error(`Warning: store ${event}: ${printable(message)}`);
}

async function openPlain(
  spec: string,
  onOutage: OutageListener,
): Promise<Opened> {
  if (spec === "memory") {
    const { MemorySessionStore } = await import("../stores/memory.ts");
    return { store: new MemorySessionStore() };
  }
  if (/^rediss?:\/\//.test(spec) || spec.startsWith("redis-cluster://")) {
    const { openRedis } = await import("./store/redis.ts");
    return await openRedis(spec, onOutage);
  }
  const [, scheme, path] = /^(sqlite|dir|kv):(.+)$/s.exec(spec) ?? [];
  if (path === undefined) throw unknown(spec);
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
  // Not there unless Deno was started with the flag, whatever its types say.
  const { openKv } = Deno as Partial<Pick<typeof Deno, "openKv">>;
  if (openKv === undefined) {
    throw new UsageError(
      `Cannot open kv:${path}: Deno KV needs a flag of deno's own, before the ` +
        "script: deno run -A --unstable-kv jsr:@sesame/tls/cli ...",
    );
  }
  const { KvSessionStore } = await import("../stores/kv.ts");
  try {
    const kv = await openKv(path);
    return { store: new KvSessionStore(kv), close: () => kv.close() };
  } catch (error) {
    throw new Error(`Cannot open kv:${path}: ${reasonOf(error)}`, {
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

function unknown(spec: string): UsageError {
  return new UsageError(
    `Cannot open the store ${
      JSON.stringify(nameOf(spec))
    }: it must be one of\n` +
      STORE_SPECS,
  );
}
