import { checkTag } from "../../internal/session_arguments.ts";
import type { SessionObjectState, SessionObjectStorage } from "./bindings.ts";
import { encodePage, PAGE_SIZE, REFUSAL } from "./protocol.ts";
import { textOf } from "./shared.ts";
import { decodeEnvelope } from "../_envelope.ts";

const MAX_ID_BYTES = 1024;
/** Below Cloudflare's limit of 2 MB for a row. */
const MAX_BODY_BYTES = 1024 * 1024;

/** The shortest and longest delay of the alarm that removes expired records, in milliseconds. */
const MIN_DELAY = 5_000;
const MAX_DELAY = 24 * 3_600_000;

/** The name of the table has the version of the schema: `user_version` can't be used here. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sessions_1 (
    number INTEGER PRIMARY KEY,
    id BLOB UNIQUE NOT NULL,
    record BLOB NOT NULL,
    expires_at REAL NOT NULL, -- milliseconds since the epoch
    tag TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sessions_1_by_expiry ON sessions_1 (expires_at);
  CREATE INDEX IF NOT EXISTS sessions_1_by_tag ON sessions_1 (tag)
  WHERE tag IS NOT NULL;
`;

/**
 * The Durable Object with the sessions of a `DurableObjectSessionStore`. Re-export it from the
 * entry point of the worker, and bind it as a class with SQLite (`new_sqlite_classes`). Only the
 * worker can send requests to it: don't forward requests from outside.
 *
 * An alarm removes expired records, by the object's own clock.
 */
export class SessionObject {
  readonly #storage: SessionObjectStorage;

  /**
   * Called by the runtime.
   *
   * @param state The state of the object.
   */
  constructor(state: SessionObjectState) {
    this.#storage = state.storage;
    this.#query(SCHEMA);
  }

  /**
   * Answers a request of a store. An invalid one is answered with status 400.
   *
   * @param request The request.
   * @returns The answer.
   */
  async fetch(request: Request): Promise<Response> {
    // The body is read even if the request is refused.
    const body = new Uint8Array(await request.arrayBuffer());
    try {
      return await this.#answer(request, body);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return new Response(REFUSAL + error.message, { status: 400 });
    } finally {
      body.fill(0);
    }
  }

  /** Called by the runtime at the time of the alarm. Removes expired records. */
  async alarm(): Promise<void> {
    const now = Date.now();
    this.#query("DELETE FROM sessions_1 WHERE expires_at <= ?", now);
    const [row] = this.#query("SELECT min(expires_at) AS next FROM sessions_1");
    if (typeof row?.["next"] !== "number") return;
    const next = Math.max(row["next"], now + MIN_DELAY);
    await this.#storage.setAlarm(alarmTime(next, now));
  }

  async #answer(request: Request, body: Uint8Array): Promise<Response> {
    if (request.method !== "POST") throw new RangeError("not a POST");
    if (body.length > MAX_BODY_BYTES) throw new RangeError("too many bytes");
    const { pathname, searchParams } = new URL(request.url);
    const now = numberOf(searchParams, "now");
    switch (pathname) {
      case "/v1/get":
        return recordIn(this.#get(checkedId(body)), now);
      case "/v1/take":
        return recordIn(this.#take(checkedId(body)), now);
      case "/v1/set":
        await this.#set(body, now);
        return done();
      case "/v1/delete":
        this.#delete(checkedId(body));
        return done();
      case "/v1/revoke":
        return new Response(String(this.#revoke(body, now)));
      case "/v1/list":
        return new Response(this.#list(numberOf(searchParams, "after"), now));
      default:
        throw new RangeError("an unknown request, maybe of another release");
    }
  }

  #get(id: Uint8Array): Record<string, unknown> | undefined {
    const query = "SELECT record, expires_at FROM sessions_1 WHERE id = ?";
    return this.#query(query, id)[0];
  }

  #take(id: Uint8Array): Record<string, unknown> | undefined {
    const query =
      "DELETE FROM sessions_1 WHERE id = ? RETURNING record, expires_at";
    return this.#query(query, id)[0];
  }

  async #set(body: Uint8Array, now: number): Promise<void> {
    const envelope = decodeEnvelope(body);
    if (envelope === undefined) throw new RangeError("not an envelope");
    const { record, expiresAt, tag } = envelope;
    const id = checkedId(envelope.id);
    if (tag !== undefined) checkTag(tag);
    if (expiresAt <= now) return this.#delete(id);
    this.#query(
      `INSERT INTO sessions_1 (id, record, expires_at, tag) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET record = excluded.record,
       expires_at = excluded.expires_at, tag = excluded.tag`,
      id,
      record,
      expiresAt,
      tag ?? null,
    );
    await this.#wakeBy(expiresAt);
  }

  #delete(id: Uint8Array): void {
    this.#query("DELETE FROM sessions_1 WHERE id = ?", id);
  }

  #revoke(body: Uint8Array, now: number): number {
    const tag = textOf(body);
    checkTag(tag);
    const query = "DELETE FROM sessions_1 WHERE tag = ? RETURNING expires_at";
    return this.#query(query, tag)
      .filter((row) => Number(row["expires_at"]) > now).length;
  }

  #list(after: number, now: number): string {
    const rows = this.#query(
      `SELECT number, id, expires_at, tag, length(record) AS size
       FROM sessions_1 WHERE number > ? AND expires_at > ?
       ORDER BY number LIMIT ${PAGE_SIZE}`,
      after,
      now,
    );
    const entries = rows.map((row) => ({
      id: new Uint8Array(row["id"] as ArrayBuffer),
      expiresAt: new Date(Number(row["expires_at"])),
      size: Number(row["size"]),
      ...(typeof row["tag"] === "string" && { tag: row["tag"] }),
    }));
    const next = rows.length === PAGE_SIZE
      ? Number(rows.at(-1)?.["number"])
      : undefined;
    return encodePage({ entries, next });
  }

  async #wakeBy(expiresAt: number): Promise<void> {
    const time = alarmTime(expiresAt, Date.now());
    const alarm = await this.#storage.getAlarm();
    if (alarm === null || time < alarm) await this.#storage.setAlarm(time);
  }

  #query(query: string, ...bindings: unknown[]): Record<string, unknown>[] {
    return [...this.#storage.sql.exec(query, ...bindings)];
  }
}

/** The time of the alarm, within the limits of its delay. */
function alarmTime(wanted: number, now: number): number {
  return Math.min(Math.max(wanted, now), now + MAX_DELAY);
}

function recordIn(
  row: Record<string, unknown> | undefined,
  now: number,
): Response {
  if (row === undefined || Number(row["expires_at"]) <= now) return done();
  return new Response(row["record"] as ArrayBuffer);
}

function done(): Response {
  return new Response(null, { status: 204 });
}

function checkedId(id: Uint8Array): Uint8Array {
  if (id.length > MAX_ID_BYTES) throw new RangeError("the id is too long");
  return id;
}

function numberOf(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name)?.trim() ?? "";
  const value = text === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new RangeError(`no number in ${name}`);
  return value;
}
