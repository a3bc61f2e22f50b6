/**
 * A process that works on session files: says when it is ready, reads from its
 * standard input when to begin (in milliseconds since the epoch), does what its
 * arguments say, and prints the number of each session that it has stored or
 * taken, or of each file that it has opened.
 *
 * sqlite_worker.ts store|take|open PATH FIRST COUNT
 */

import { SqliteSessionStore } from "../../src/stores/sqlite.ts";
import { numbered } from "./numbered_sessions.ts";

/** Time for all to open one file before they open the next, in milliseconds. */
const TURN = 30;

const [task, path, first, count] = Deno.args;
const end = Number(first) + Number(count);

print("ready");
const input = new Uint8Array(100);
const length = await Deno.stdin.read(input) ?? 0;
const start = Number(new TextDecoder().decode(input.subarray(0, length)));
waitUntil(start);

if (task === "open") {
  for (let n = Number(first); n < end; n++) {
    waitUntil(start + n * TURN);
    openStore(`${path}.${n}`).close();
    print(n);
  }
} else {
  const store = openStore(`${path}`);
  for (let n = Number(first); n < end; n++) {
    const { id, record, expiresAt } = numbered(n);
    const tag = `user:${n % 10}`;
    if (task === "store") store.set(id, record, { expiresAt, tag });
    else if (store.take(id) === undefined) continue;
    print(n);
  }
  store.close();
}

function openStore(path: string): SqliteSessionStore {
  // Waits long: a busy machine must not fail the test.
  return new SqliteSessionStore(path, { busyTimeout: 60_000 });
}

/** Not by a timer, to be as exact as can be. */
function waitUntil(time: number): void {
  while (Date.now() < time);
}

/** Not by `console.log`: what is printed has been written, even if killed. */
function print(line: string | number): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
