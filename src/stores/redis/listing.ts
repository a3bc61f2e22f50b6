import { decodeEnvelope } from "../_envelope.ts";
import type { Connection } from "./client.ts";
import type { RedisKeys } from "./keys.ts";
import { attempt, bytesFrom, numberFrom, pageFrom } from "./replies.ts";
import type { SessionEntry } from "../session_store.ts";

const WHAT = "list the sessions";

/** What an envelope has at most before the record, apart from the id. */
const MAX_HEADER = 13 + 256;

/** Lists the sessions of all servers that have not expired, each once. */
export async function* listEntries(
  connection: Connection,
  keys: RedisKeys,
  now: () => number,
): AsyncGenerator<SessionEntry, void, void> {
  const listed = new Set<string>();
  for await (const page of pagesOf(connection, keys)) {
    // Redis may name a key twice.
    const names = [...new Set(page)].filter((name) => !listed.has(name));
    for (const name of names) listed.add(name);
    const entries = await Promise.all(
      names.map((name) => entryOf(connection, keys, name)),
    );
    for (const entry of entries) {
      if (entry && entry.expiresAt.getTime() > now()) yield entry;
    }
  }
}

/** Goes through the keys of the records. */
async function* pagesOf(
  connection: Connection,
  keys: RedisKeys,
): AsyncGenerator<string[], void, void> {
  const servers = await attempt(WHAT, ["SCAN"], () => connection.servers());
  for (const server of servers) {
    let cursor = "0";
    do {
      const command = keys.scan(cursor, connection.keyPrefix);
      const page = await attempt(
        WHAT,
        command,
        async () => pageFrom(await server(command)),
      );
      yield page.keys;
      cursor = page.cursor;
    } while (cursor !== "0");
  }
}

/** Reads what there is before the record; `undefined` if that is not ours. */
async function entryOf(
  connection: Connection,
  keys: RedisKeys,
  name: string,
): Promise<SessionEntry | undefined> {
  const id = keys.idOf(name, connection.keyPrefix);
  if (id === undefined) return undefined;
  const key = keys.record(id);
  const last = String(id.length + MAX_HEADER - 1);
  const [start, length] = await attempt(WHAT, ["GETRANGE"], () =>
    Promise.all([
      connection.send(key, ["GETRANGE", key, "0", last]),
      connection.send(key, ["STRLEN", key]),
    ]));
  const bytes = bytesFrom(start) ?? new Uint8Array();
  const envelope = decodeEnvelope(bytes);
  if (envelope === undefined) return undefined;
  const { expiresAt, tag, record } = envelope;
  const size = numberFrom(length) - (bytes.length - record.length);
  // What was read of the record holds secrets.
  bytes.fill(0);
  // The session may have been removed between the two commands.
  if (size < 0) return undefined;
  return {
    id,
    expiresAt: new Date(expiresAt),
    ...(tag === undefined ? {} : { tag }),
    size,
  };
}
