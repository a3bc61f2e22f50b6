import { Command } from "commander";
import { withOwnFlags } from "./flags.ts";
import { bytesOf, bytesText } from "./format.ts";
import type { OpenedStore } from "./open_store.ts";
import { factsJson, factsText, sessionFacts } from "./session/facts.ts";
import { findSession, readInput } from "./session/session_file.ts";
import { readEntries } from "./store/list.ts";
import {
  addSharedStoreOptions,
  type SharedStoreFlags,
  withSharedStore,
} from "./store/shared_store.ts";
import { UsageError } from "./usage_error.ts";

const EXAMPLES = `
Examples:
  A session that a client has written:
    sesame connect example.com --session-out session.pem
    sesame session inspect session.pem

  The same as JSON, from standard input:
    openssl sess_id -in session.pem -outform DER | sesame session inspect - --json

  A session of a store, by an id that "store list" prints:
    sesame session inspect 5f3c... --store sqlite:sessions.db

  A session of an encrypted store:
    sesame session inspect 5f3c... --store dir:sessions --encrypt-key-file keys.txt`;

/** An argument that is more likely a session id than the name of a file. */
const LIKE_ID = /^[0-9a-f]{4,}(\.{3}|…)?$/i;

interface InspectFlags extends Partial<SharedStoreFlags> {
  secrets?: boolean;
  json?: boolean;
}

/** The command `session`. */
export function sessionCommand(): Command {
  return new Command("session")
    .description("Inspect TLS sessions.")
    .addCommand(inspectCommand());
}

function inspectCommand(): Command {
  const command = new Command("inspect")
    .description(
      "Print the fields of a session: version, cipher suite, times, server name, early data. " +
        "The session may be in PEM, as `openssl s_client -sess_out` and `connect " +
        "--session-out` write it, in DER, or in a store. The master key stays hidden.",
    )
    .argument(
      "<file-or-id>",
      "a file, or - for standard input; with --store a session id as `store list` prints it, or its beginning",
    )
    .option(
      "--secrets",
      "print the master key, which decrypts recorded traffic",
    )
    .option("--json", "print JSON in one line");
  return addSharedStoreOptions(command, { isRequired: false })
    .addHelpText("after", EXAMPLES)
    .action(withOwnFlags(inspect));
}

async function inspect(
  fileOrId: string,
  { store, encryptKeyFile, secrets = false, json = false }: InspectFlags,
): Promise<void> {
  const bytes = store === undefined
    ? await readFile(fileOrId)
    : await readRecord(fileOrId, {
      store,
      ...(encryptKeyFile && { encryptKeyFile }),
    });
  const found = findSession(bytes);
  if (found === undefined) {
    throw new Error(
      store === undefined
        ? `${
          fileOrId === "-" ? "Standard input" : fileOrId
        } holds no TLS session in PEM, in DER or in a store record`
        : "The record with this id holds no TLS session; an encrypted one needs --encrypt-key-file",
    );
  }
  const facts = sessionFacts(found, secrets);
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
      `${error.message}; to inspect a session by its id, add --store`,
      { cause: error },
    );
  }
}

function readRecord(id: string, flags: SharedStoreFlags): Promise<Uint8Array> {
  return withSharedStore(flags, async (opened) => {
    const { store, name } = opened;
    const record = await store.get(bytesOf(id)) ??
      await readRecordByPrefix(id, opened);
    if (record === undefined) throw new Error(`${name} has no session ${id}`);
    return record;
  });
}

/** The record of the only id with this prefix, which may end with an ellipsis. */
async function readRecordByPrefix(
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
      `${name} has ${ids.length} sessions with ids that begin with ${prefix}: pass a longer prefix`,
    );
  }
  return ids[0] && await store.get(ids[0]);
}
