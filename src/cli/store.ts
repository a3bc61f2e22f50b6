import { Command } from "commander";
import { count } from "./arguments.ts";
import { withOwnFlags } from "./flags.ts";
import { bytesOf, countText } from "./format.ts";
import type { OpenedStore } from "./open_store.ts";
import { makeKeyLine } from "./store/key_file.ts";
import { entriesTable, entryJson, readEntries } from "./store/list.ts";
import {
  addSharedStoreOptions,
  type SharedStoreFlags,
  withSharedStore,
} from "./store/shared_store.ts";
import {
  statisticsJson,
  statisticsOf,
  statisticsText,
} from "./store/statistics.ts";
import { UsageError } from "./usage_error.ts";

/** The command `store`. */
export function storeCommand(): Command {
  return new Command("store")
    .description(
      "Manage a session store: count and list sessions, remove expired ones, revoke sessions.",
    )
    .addCommand(statsCommand())
    .addCommand(listCommand())
    .addCommand(purgeCommand())
    .addCommand(revokeCommand())
    .addCommand(keygenCommand());
}

function statsCommand(): Command {
  return withStoreOptions(
    new Command("stats"),
    `
Examples:
  Count the sessions, and see when they expire:
    sesame store stats --store sqlite:sessions.db

  The same as JSON:
    sesame store stats --store redis://localhost:6379 --json

  Every 10 seconds:
    watch -n 10 sesame store stats --store dir:sessions`,
  )
    .description("Count sessions, their bytes and tags, by when they expire.")
    .option("--json", "print JSON in one line")
    .action(withOwnFlags(stats));
}

async function stats(
  flags: SharedStoreFlags & { json?: boolean },
): Promise<void> {
  await withSharedStore(flags, async ({ store, name }) => {
    const isEncrypted = flags.encryptKeyFile !== undefined;
    const entries = readEntries(store, name);
    const statistics = await statisticsOf(entries, Date.now());
    console.log(
      flags.json
        ? statisticsJson(statistics)
        : statisticsText(name, statistics, isEncrypted),
    );
  });
}

function listCommand(): Command {
  return withStoreOptions(
    new Command("list"),
    `
Examples:
  The 20 sessions that expire first:
    sesame store list --store sqlite:sessions.db --limit 20

  All ids, with JSON:
    sesame store list --store sqlite:sessions.db --json | jq -r .id

  The content of a session:
    sesame session inspect 5f3c... --store sqlite:sessions.db`,
  )
    .description(
      "List sessions in the order of expiry: id, expiry, size and tag, without records.",
    )
    .option("--limit <n>", "the most lines to print", count, 100)
    .option(
      "--json",
      "print every session as JSON in one line, unsorted and without a limit",
    )
    .action(withOwnFlags(list));
}

async function list(
  flags: SharedStoreFlags & { limit: number; json?: boolean },
): Promise<void> {
  const { limit, json } = flags;
  await withSharedStore(flags, async ({ store, name }) => {
    const entries = readEntries(store, name);
    if (json) {
      for await (const entry of entries) console.log(entryJson(entry));
    } else {
      const all = await Array.fromAsync(entries);
      console.log(entriesTable(all, limit, Date.now()));
    }
  });
}

function purgeCommand(): Command {
  return withStoreOptions(
    new Command("purge"),
    `
Examples:
  Remove expired sessions, for example from cron:
    sesame store purge --store sqlite:sessions.db

  Remove every session, after a server was compromised:
    sesame store purge --store sqlite:sessions.db --all --yes`,
  )
    .description(
      "Remove expired sessions to free their space. They are never resumed either way, and a " +
        "store that is in use removes them by itself.",
    )
    .option(
      "--all",
      "remove every session, expired or not: clients need a full handshake then",
    )
    .option("--yes", "confirm --all")
    .action(withOwnFlags(purge));
}

async function purge(
  flags: SharedStoreFlags & { all?: boolean; yes?: boolean },
): Promise<void> {
  if (flags.all && !flags.yes) {
    throw new UsageError(
      "--all removes every session of every server that shares the store: add --yes to confirm",
    );
  }
  await withSharedStore(flags, async (opened) => {
    await purgeExpired(opened, flags.all === true);
    if (flags.all) await purgeAll(opened);
  });
}

async function purgeExpired(
  { store, name }: OpenedStore,
  isPartOfAll: boolean,
): Promise<void> {
  if (store.purge === undefined) {
    if (isPartOfAll) return;
    console.log(`${name} removes expired sessions by itself: nothing to do`);
    return;
  }
  const expired = await store.purge();
  if (expired === 0 && isPartOfAll) return;
  console.log(`Removed ${countText(expired, "expired session")}`);
}

async function purgeAll({ store, name }: OpenedStore): Promise<void> {
  let removed = 0;
  for await (const { id } of readEntries(store, name)) {
    await store.delete(id, "revoked");
    removed++;
  }
  console.log(`Removed ${countText(removed, "session")}`);
}

function revokeCommand(): Command {
  return withStoreOptions(
    new Command("revoke"),
    `
Examples:
  All sessions of a user, if the server tags sessions with user names:
    sesame store revoke --tag alice --store sqlite:sessions.db

  All sessions of a client certificate, with "serve --tag subject":
    sesame store revoke --tag O=Example,CN=alice --store sqlite:sessions.db

  The same in an encrypted store, whose tags are hashed:
    sesame store revoke --tag alice --store dir:sessions --encrypt-key-file keys.txt

  One session, by an id that "store list" prints:
    sesame store revoke --id 5f3c... --store sqlite:sessions.db

  Print all tags:
    sesame store stats --store sqlite:sessions.db`,
  )
    .description("Remove sessions before they expire: no server resumes them.")
    .option("--tag <tag>", "remove all sessions with this tag")
    .option("--id <id>", "remove the session with this id")
    .action(withOwnFlags(revoke));
}

async function revoke(
  flags: SharedStoreFlags & { tag?: string; id?: string },
): Promise<void> {
  const { tag, id, encryptKeyFile } = flags;
  if ((tag === undefined) === (id === undefined)) {
    throw new UsageError("revoke needs either --tag or --id");
  }
  await withSharedStore(flags, async (opened) => {
    if (id !== undefined) await revokeId(opened, id);
    if (tag !== undefined) {
      await revokeTag(opened, tag, encryptKeyFile !== undefined);
    }
  });
}

async function revokeId(
  { store, name }: OpenedStore,
  id: string,
): Promise<void> {
  const bytes = bytesOf(id);
  const record = await store.get(bytes);
  record?.fill(0);
  await store.delete(bytes, "revoked");
  console.log(record ? "Removed 1 session" : `${name} has no session ${id}`);
}

async function revokeTag(
  { store, name }: OpenedStore,
  tag: string,
  isEncrypted: boolean,
): Promise<void> {
  if (store.revoke === undefined) {
    throw new Error(`${name} cannot find sessions by tag`);
  }
  const removed = await store.revoke({ tag });
  if (removed === 0 && !isEncrypted) {
    // A failure, as the caller wants these sessions gone.
    throw new Error(
      "No session has this tag; in an encrypted store, tags are found with --encrypt-key-file",
    );
  }
  console.log(`Removed ${countText(removed, "session")}`);
}

function keygenCommand(): Command {
  return new Command("keygen")
    .description(
      "Print a new key for --encrypt-key-file: 32 random bytes in hex. To rotate keys, add the " +
        "new one as the first line, and keep the old ones until their sessions have expired.",
    )
    .addHelpText(
      "after",
      `
Examples:
  Create a key file that only you can read:
    (umask 077; sesame store keygen > keys.txt)

  Use it:
    sesame serve --store sqlite:sessions.db --encrypt-key-file keys.txt

  Add a new first key:
    (umask 077; sesame store keygen | cat - keys.txt > new.txt && mv new.txt keys.txt)`,
    )
    .action(() => console.log(makeKeyLine()));
}

function withStoreOptions(command: Command, examples: string): Command {
  return addSharedStoreOptions(command, { isRequired: true })
    .addHelpText("after", examples);
}
