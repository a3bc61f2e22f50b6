/**
 * The checks for runtimes with `node:sqlite`, and without.
 *
 * @module
 */
import { SqliteSessionStore } from "../../src/stores/sqlite.ts";
import type { Checks } from "./checks.ts";
import { crossInstances } from "./visits.ts";

/** Where there is none, the store says so. */
export const SQLITE_MISSING_CHECKS: Checks = {
  "SQLite: what is missing is said": () => {
    let store: SqliteSessionStore | undefined;
    try {
      store = new SqliteSessionStore(":memory:");
    } catch (error) {
      if (String(error).includes("needs node:sqlite")) return;
      throw error;
    }
    store.close();
    throw new Error("There is SQLite");
  },
};

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
