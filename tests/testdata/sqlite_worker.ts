/**
 * A process that works on SQLite files, as `store_work.ts` says; "open" makes one file
 * after the other, and prints the number of each.
 *
 * sqlite_worker.ts store|take|open PATH FIRST COUNT
 */

import { SqliteSessionStore } from "../../src/stores/sqlite.ts";
import { beginning, print, waitUntil, work } from "./store_work.ts";

/** Time for all to open one file before they open the next, in milliseconds. */
const TURN = 30;

if (Deno.args[0] === "open") await openAll();
else await work(openStore);

async function openAll(): Promise<void> {
  const [, path, first, count] = Deno.args;
  print("ready");
  const start = await beginning();
  for (let n = Number(first); n < Number(first) + Number(count); n++) {
    waitUntil(start + n * TURN);
    openStore(`${path}.${n}`).close();
    print(n);
  }
}

function openStore(path: string): SqliteSessionStore {
  // Waits long: a busy machine must not fail the test.
  return new SqliteSessionStore(path, { busyTimeout: 60_000 });
}
