/**
 * The checks for runtimes with `node:sqlite`.
 *
 * @module
 */
import { SqliteSessionStore } from "../../src/stores/sqlite.ts";
import type { Checks } from "./checks.ts";
import { crossInstances } from "./visits.ts";

/** Two stores on one file, which is made in `folder`. */
export function sqliteChecks(folder: string): Checks {
  return {
    "SQLite: a session crosses instances": () => {
      const stores: SqliteSessionStore[] = [];
      crossInstances("TLSv1.3", () => {
        const store = new SqliteSessionStore(`${folder}/sessions.db`);
        stores.push(store);
        return store;
      });
      for (const store of stores) store.close();
    },
  };
}
