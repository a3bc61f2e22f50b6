import { Command } from "commander";
import { withOwnFlags } from "./own_flags.ts";
import { count } from "./arguments.ts";
import { bytesOf, countText } from "./format.ts";
import { makeKeyLine } from "./store/key_file.ts";
import { entriesTable, entryJson, readEntries } from "./store/list.ts";
import {
  addSharedStoreOptions,
  type SharedStoreOptions,
  withSharedStore,
} from "./store/shared.ts";
import {
  statisticsJson,
  statisticsOf,
  statisticsText,
} from "./store/statistics.ts";
import { UsageError } from "./usage_error.ts";

/** `store`: looks after the stores of servers and clients. */
export function storeCommand(): Command {
  return new Command("store")
    .description(
      "Look after a store of sessions: what is in it, what has expired, whom to log out.",
    )
    .addCommand(statsCommand())
    .addCommand(listCommand())
    .addCommand(purgeCommand())
    .addCommand(revokeCommand())
    .addCommand(keygenCommand());
}

function statsCommand(): Command {
  return forStore(
    new Command("stats"),
    `
Examples:
  How full is it, and until when?
    sesame store stats --store sqlite:sessions.db

  For a program that watches it:
    sesame store stats --store redis://localhost:6379 --json

  Every 10 seconds:
    watch -n 10 sesame store stats --store dir:sessions`,
  )
    .description(
      "Count the sessions, their bytes and tags, and see when they expire.",
    )
    .option("--json", "print one line of JSON")
    .action(withOwnFlags(stats));
}

function listCommand(): Command {
  return forStore(
    new Command("list"),
    `
Examples:
  The sessions that expire first:
    sesame store list --store sqlite:sessions.db --limit 20

  All ids, for a program:
    sesame store list --store sqlite:sessions.db --json | jq -r .id

  What is in one of them:
    sesame session inspect 5f3c... --store sqlite:sessions.db`,
  )
    .description(
      "List the sessions, the first to expire first: ids, expiry, sizes and tags, never records.",
    )
    .option("--limit <n>", "at most so many lines", count, 100)
    .option(
      "--json",
      "print a line of JSON for each session, all of them, unsorted",
    )
    .action(withOwnFlags(list));
}

function purgeCommand(): Command {
  return forStore(
    new Command("purge"),
    `
Examples:
  What has expired, for a crontab:
    sesame store purge --store sqlite:sessions.db

  Every session, after a server's compromise:
    sesame store purge --store sqlite:sessions.db --all --yes`,
  )
    .description(
      "Free the room of expired sessions. Nobody sees those any more either way; stores " +
        "do it by themselves as they are used, so this is for stores that are idle.",
    )
    .option(
      "--all",
      "remove every session, expired or not: clients need full handshakes",
    )
    .option("--yes", "mean it")
    .action(withOwnFlags(purge));
}

function revokeCommand(): Command {
  return forStore(
    new Command("revoke"),
    `
Examples:
  All sessions of a user, where the server's own code tags them so:
    sesame store revoke --tag alice --store sqlite:sessions.db

  Of a client certificate, for "serve --tag subject"; "store stats" shows the tags:
    sesame store revoke --tag O=Example,CN=alice --store sqlite:sessions.db

  Where sessions are encrypted, and their tags hashed:
    sesame store revoke --tag alice --store dir:sessions --encrypt-key-file keys.txt

  One session, by an id of "store list":
    sesame store revoke --id 5f3c... --store sqlite:sessions.db

  All tags there are:
    sesame store stats --store sqlite:sessions.db`,
  )
    .description(
      "Remove sessions before their time: no server resumes them from then on.",
    )
    .option("--tag <tag>", "all sessions with this tag")
    .option("--id <id>", "the session with this id")
    .action(withOwnFlags(revoke));
}

function keygenCommand(): Command {
  return new Command("keygen")
    .description(
      "Print a new line for an --encrypt-key-file: 32 random bytes in hex. To rotate keys, " +
        "put the new line first and keep the old ones until their sessions have expired.",
    )
    .addHelpText(
      "after",
      `
Examples:
  A new file, that nobody else can read:
    (umask 077; sesame store keygen > keys.txt)

  What serves with it:
    sesame serve --store sqlite:sessions.db --encrypt-key-file keys.txt

  A new key, in front of the others:
    (umask 077; sesame store keygen | cat - keys.txt > new.txt && mv new.txt keys.txt)`,
    )
    .action(() => console.log(makeKeyLine()));
}

async function stats(
  options: SharedStoreOptions & { json?: boolean },
): Promise<void> {
  await withSharedStore(options, async ({ store, name }) => {
    const now = Date.now();
    const isEncrypted = options.encryptKeyFile !== undefined;
    const statistics = await statisticsOf(readEntries(store, name), now);
    console.log(
      options.json
        ? statisticsJson(statistics)
        : statisticsText(name, statistics, isEncrypted),
    );
  });
}

async function list(
  options: SharedStoreOptions & { limit: number; json?: boolean },
): Promise<void> {
  const { limit, json } = options;
  await withSharedStore(options, async ({ store, name }) => {
    const entries = readEntries(store, name);
    if (json) {
      for await (const entry of entries) console.log(entryJson(entry));
    } else {
      console.log(
        entriesTable(await Array.fromAsync(entries), limit, Date.now()),
      );
    }
  });
}

async function purge(
  options: SharedStoreOptions & { all?: boolean; yes?: boolean },
): Promise<void> {
  if (options.all && !options.yes) {
    throw new UsageError(
      "--all removes every session of every server that shares the store: add --yes to mean it",
    );
  }
  await withSharedStore(options, async ({ store, name }) => {
    if (store.purge === undefined && !options.all) {
      console.log(`${name} frees expired sessions by itself: nothing to do`);
      return;
    }
    const expired = await store.purge?.() ?? 0;
    if (expired > 0 || !options.all) {
      console.log(`Freed ${countText(expired, "expired session")}`);
    }
    if (!options.all) return;
    let removed = 0;
    for await (const { id } of readEntries(store, name)) {
      await store.delete(id, "revoked");
      removed++;
    }
    console.log(`Removed ${countText(removed, "session")}`);
  });
}

async function revoke(
  options: SharedStoreOptions & { tag?: string; id?: string },
): Promise<void> {
  const { tag, id, encryptKeyFile } = options;
  if ((tag === undefined) === (id === undefined)) {
    throw new UsageError("revoke needs either --tag or --id");
  }
  await withSharedStore(options, async ({ store, name }) => {
    if (id !== undefined) {
      const bytes = bytesOf(id);
      const record = await store.get(bytes);
      record?.fill(0);
      await store.delete(bytes, "revoked");
      console.log(
        record
          ? "Removed 1 session"
          : `${name} has no session ${id}, or no longer`,
      );
    } else if (tag !== undefined) {
      if (store.revoke === undefined) {
        throw new Error(`${name} can't find sessions by their tag`);
      }
      const removed = await store.revoke({ tag });
      if (removed === 0 && encryptKeyFile === undefined) {
        // Whoever logs someone out must not take this for done.
        throw new Error(
          "no session has this tag; if the store is encrypted, its tags are found with --encrypt-key-file",
        );
      }
      console.log(`Removed ${countText(removed, "session")}`);
    }
  });
}

function forStore(command: Command, examples: string): Command {
  return addSharedStoreOptions(command, { isRequired: true })
    .addHelpText("after", examples);
}
