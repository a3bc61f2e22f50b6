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

/** Options of the commands that look into what other processes store. */
export interface SharedStoreOptions {
  store?: string;
  encryptKeyFile?: string;
}

/** Adds `--store` and `--encrypt-key-file` to such a command. */
export function addSharedStoreOptions(
  command: Command,
  { isRequired }: { isRequired: boolean },
): Command {
  const description = "where the sessions are";
  // Where it may be missing, its being there has a meaning of its own.
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
 * Opens a store that is there already, for as long as `use` takes.
 *
 * @throws {UsageError} If none is named, there is none, or only this process could have it.
 */
export async function withSharedStore<T>(
  { store: spec, encryptKeyFile }: SharedStoreOptions,
  use: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  if (spec === undefined) {
    throw new UsageError(
      `--store is missing, such as --store sqlite:sessions.db; ${STORE_VARIABLE} in the environment stands for it`,
    );
  }
  if (spec === "memory" || spec.endsWith(":memory:")) {
    throw new UsageError(
      `Cannot look into ${spec}: it lives and ends with the process that made it`,
    );
  }
  await checkThere(spec);
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

/** Opening would make what isn't there, and a slip of the pen look like an empty store. */
async function checkThere(spec: string): Promise<void> {
  const [, path] = /^(?:sqlite|dir|kv):((?!https?:).+)$/s.exec(spec) ?? [];
  if (path === undefined) return;
  try {
    await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`There is no store at ${path}`);
  }
}
