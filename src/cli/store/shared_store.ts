import { type Command, Option } from "commander";
import {
  type OpenedStore,
  openStore,
  SECRET_HINT,
  SHARED_STORE_SPECS,
  STORE_VARIABLE,
  storeOption,
} from "../open_store.ts";
import { UsageError } from "../usage_error.ts";

/** The options of commands on a store that other processes use. */
export interface SharedStoreFlags {
  store?: string;
  encryptKeyFile?: string;
}

/** Adds `--store` and `--encrypt-key-file` to such a command. */
export function addSharedStoreOptions(
  command: Command,
  { isRequired }: { isRequired: boolean },
): Command {
  const description = "the store, see below";
  // Where the option isn't required, the environment must not replace it.
  const store = isRequired
    ? storeOption(description)
    : new Option("--store <spec>", description);
  return command
    .addOption(store)
    .option("--encrypt-key-file <file>", "the keys of an encrypted store")
    .addHelpText(
      "after",
      `\nStores:\n${SHARED_STORE_SPECS}${isRequired ? `\n${SECRET_HINT}` : ""}`,
    );
}

/**
 * Opens an existing store, calls `use`, and closes the store.
 *
 * @throws {UsageError} If there is no `--store`, no such store, or the store is in memory.
 */
export async function withSharedStore<T>(
  { store: spec, encryptKeyFile }: SharedStoreFlags,
  use: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  if (spec === undefined) {
    throw new UsageError(
      `--store is missing, such as --store sqlite:sessions.db; ${STORE_VARIABLE} in the environment replaces it`,
    );
  }
  if (spec === "memory" || spec.endsWith(":memory:")) {
    throw new UsageError(
      `Cannot open ${spec}: only the process that created a store in memory can use it`,
    );
  }
  await checkExists(spec);
  let rejected: Error | undefined;
  const opened = await openStore(spec, {
    ...(encryptKeyFile !== undefined && { encryptKeyFile }),
    onRejected: (error) => rejected = error,
  });
  try {
    return await use(opened);
  } catch (error) {
    throw rejected ?? error;
  } finally {
    await opened.close();
  }
}

/** Opening a store creates it: a mistyped path would look like an empty store. */
async function checkExists(spec: string): Promise<void> {
  const [, path] = /^(?:sqlite|dir|kv):((?!https?:).+)$/s.exec(spec) ?? [];
  if (path === undefined) return;
  try {
    await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`There is no store at ${path}`);
  }
}
