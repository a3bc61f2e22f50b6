import type { SessionStore } from "../../src/stores/session_store.ts";
import { numbered } from "./numbered_sessions.ts";

/**
 * What a process does that works on a shared store: says when it is ready, reads
 * from its standard input when to begin (in milliseconds since the epoch), does
 * what its arguments say, and prints the number of each session that it has
 * stored or taken. "replace" stores over and over under few ids.
 *
 * store|take|replace PATH FIRST COUNT
 */
export async function work(
  open: (path: string) => SessionStore | Promise<SessionStore>,
): Promise<void> {
  const [task, path, first, count] = Deno.args;
  const store = await open(`${path}`);
  print("ready");
  await beginning();
  const end = Number(first) + Number(count);
  for (let n = Number(first); n < end; n++) {
    const { record, expiresAt } = numbered(n);
    const { id } = numbered(task === "replace" ? n % 10 : n);
    if (task === "take") {
      if (await store.take?.(id) === undefined) continue;
    } else await store.set(id, record, { expiresAt, tag: "shared" });
    print(n);
  }
  Deno.exit();
}

/** Waits until it may begin; returns when that was to be. */
export async function beginning(): Promise<number> {
  const input = new Uint8Array(100);
  const length = await Deno.stdin.read(input) ?? 0;
  const start = Number(new TextDecoder().decode(input.subarray(0, length)));
  waitUntil(start);
  return start;
}

/** Not by a timer, to be as exact as can be. */
export function waitUntil(time: number): void {
  while (Date.now() < time);
}

/** Not by `console.log`: what is printed has been written, even if killed. */
export function print(line: string | number): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
