import { Command } from "commander";
import { withOwnFlags } from "./own_flags.ts";
import { factsJson, factsOf, factsText } from "./session/facts.ts";
import { bytesOf, bytesText } from "./format.ts";
import type { OpenedStore } from "./open_store.ts";
import { findSession, readInput } from "./session/session_file.ts";
import { readEntries } from "./store/list.ts";
import { UsageError } from "./usage_error.ts";
import {
  addSharedStoreOptions,
  type SharedStoreOptions,
  withSharedStore,
} from "./store/shared.ts";

const EXAMPLES = `
Examples:
  A session that a client has kept:
    sesame connect example.com --session-out session.pem
    sesame session inspect session.pem

  The same, from standard input, for a program:
    openssl sess_id -in session.pem -outform DER | sesame session inspect - --json

  A session out of a server's store, by an id of "store list":
    sesame session inspect 5f3c... --store sqlite:sessions.db

  One whose record is encrypted:
    sesame session inspect 5f3c... --store dir:sessions --encrypt-key-file keys.txt`;

/** What is more likely the id of a session than a file's name. */
const LIKE_ID = /^[0-9a-f]{4,}(\.{3}|…)?$/i;

interface InspectOptions extends Partial<SharedStoreOptions> {
  secrets?: boolean;
  json?: boolean;
}

/** `session`: what is in a session. */
export function sessionCommand(): Command {
  return new Command("session")
    .description("Look into TLS sessions.")
    .addCommand(inspectCommand());
}

function inspectCommand(): Command {
  const command = new Command("inspect")
    .description(
      "Show what a session says: version, cipher, times, server name, what it allows. " +
        "It reads PEM as `openssl s_client -sess_out` and `connect --session-out` write " +
        "it, DER, and the records of stores. The master key stays hidden.",
    )
    .argument(
      "<file-or-id>",
      "a file, - for standard input; with --store the session's id, as `store list` shows it, or how it begins",
    )
    .option(
      "--secrets",
      "show the master key, by which traffic can be decrypted",
    )
    .option("--json", "print one line of JSON");
  return addSharedStoreOptions(command, { isRequired: false })
    .addHelpText("after", EXAMPLES)
    .action(withOwnFlags(inspect));
}

async function inspect(
  fileOrId: string,
  { store, encryptKeyFile, secrets = false, json = false }: InspectOptions,
): Promise<void> {
  const bytes = store === undefined
    ? await readFile(fileOrId)
    : await recordOf(fileOrId, {
      store,
      ...(encryptKeyFile && { encryptKeyFile }),
    });
  const found = findSession(bytes);
  if (found === undefined) {
    throw new Error(
      store === undefined
        ? `${
          fileOrId === "-" ? "Standard input" : fileOrId
        } holds no TLS session: neither in PEM nor in DER, nor a store's record`
        : "The record under this id holds no TLS session; if it is encrypted, --encrypt-key-file opens it",
    );
  }
  const facts = factsOf(found, secrets);
  console.log(json ? factsJson(facts) : factsText(facts, Date.now()));
  bytes.fill(0);
  found.der.fill(0);
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await readInput(path);
  } catch (error) {
    if (!(error instanceof UsageError) || !LIKE_ID.test(path)) throw error;
    throw new UsageError(
      `${error.message}; for the id of a session, add --store`,
      { cause: error },
    );
  }
}

function recordOf(
  id: string,
  options: SharedStoreOptions,
): Promise<Uint8Array> {
  return withSharedStore(options, async ({ store, name }) => {
    const found = await store.get(bytesOf(id));
    const record = found ?? await recordByPrefix(id, { store, name });
    if (record === undefined) {
      throw new Error(`${name} has no session ${id}, or no longer`);
    }
    return record;
  });
}

/** The one record whose id begins so, as it is shown; its end may be dots. */
async function recordByPrefix(
  id: string,
  { store, name }: Pick<OpenedStore, "store" | "name">,
): Promise<Uint8Array | undefined> {
  const prefix = id.replace(/(\.{3}|…)$/, "");
  if (prefix === "" || store.entries === undefined) return undefined;
  const ids: Uint8Array[] = [];
  for await (const entry of readEntries(store, name)) {
    if (bytesText(entry.id).startsWith(prefix)) ids.push(entry.id);
  }
  if (ids.length > 1) {
    throw new Error(
      `${name} has ${ids.length} sessions whose ids begin with ${prefix}: give more of it`,
    );
  }
  return ids[0] && await store.get(ids[0]);
}
