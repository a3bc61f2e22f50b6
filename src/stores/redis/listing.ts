import { decodeEnvelope, entryOf } from "../_envelope.ts";
import type { Connection } from "./client.ts";
import type { RedisKeys } from "./keys.ts";
import { attempt, bytesFrom, numberFrom, pageFrom } from "./replies.ts";
import type { SessionEntry } from "../session_store.ts";

const ACTION = "list the sessions";

/** The most bytes of an envelope before the record, without the id. */
const MAX_HEADER = 13 + 256;

/** Lists the sessions of all servers that have not expired, each once. */
export async function* listEntries(
  connection: Connection,
  keys: RedisKeys,
  now: () => number,
): AsyncGenerator<SessionEntry, void, void> {
  const listed = new Set<string>();
  for await (const page of pagesOf(connection, keys)) {
    // SCAN may return a key more than once.
    const names = [...new Set(page)].filter((name) => !listed.has(name));
    for (const name of names) listed.add(name);
    const entries = await Promise.all(
      names.map((name) => readEntry(connection, keys, name)),
    );
    for (const entry of entries) {
      if (entry && entry.expiresAt.getTime() > now()) yield entry;
    }
  }
}

/** Scans for the keys of the records, page by page. */
async function* pagesOf(
  connection: Connection,
  keys: RedisKeys,
): AsyncGenerator<string[], void, void> {
  const servers = await attempt(ACTION, ["SCAN"], () => connection.servers());
  for (const server of servers) {
    let cursor = "0";
    do {
      const command = keys.scan(cursor, connection.keyPrefix);
      const page = await attempt(
        ACTION,
        command,
        async () => pageFrom(await server(command)),
      );
      yield page.keys;
      cursor = page.cursor;
    } while (cursor !== "0");
  }
}

/** Reads the beginning of an envelope; `undefined` for the value of another program. */
async function readEntry(
  connection: Connection,
  keys: RedisKeys,
  name: string,
): Promise<SessionEntry | undefined> {
  const id = keys.idOf(name, connection.keyPrefix);
  if (id === undefined) return undefined;
  const key = keys.record(id);
  const last = String(id.length + MAX_HEADER - 1);
  const [start, length] = await attempt(
    ACTION,
    ["GETRANGE"],
    () =>
      Promise.all([
        connection.send(key, ["GETRANGE", key, "0", last]),
        connection.send(key, ["STRLEN", key]),
      ]),
  );
  const bytes = bytesFrom(start) ?? new Uint8Array();
  const envelope = decodeEnvelope(bytes);
  if (envelope === undefined) return undefined;
  const { expiresAt, tag, record } = envelope;
  const size = numberFrom(length) - (bytes.length - record.length);
  // A part of the record was read, too.
  bytes.fill(0);
  // The session may have been removed between the commands.
  if (size < 0) return undefined;
  return entryOf({ id, expiresAt, tag }, size);
}
