/**
 * A worker that does to its stores what a test tells it, in workerd.
 *
 * @module
 */
import {
  CloudflareKvSessionStore,
  DurableObjectSessionStore,
  type SessionEntry,
  SessionObject,
  type SessionStore,
} from "../../src/stores/cloudflare.ts";
import { checkSessionStore } from "../../src/testing/store_conformance.ts";
import type {
  CallReply,
  CheckReply,
  Command,
  Env,
  StoreChoice,
} from "./cloudflare_commands.ts";
import { resumeElsewhere } from "./cloudflare_handshakes.ts";

export { SessionObject };

const worker: { fetch(request: Request, env: Env): Promise<Response> } = {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/objects/")) return await forward(request, env);
    return Response.json(await obey(await request.json(), env));
  },
};

export default worker;

function obey(command: Command, env: Env): Promise<unknown> {
  switch (command.command) {
    case "check":
      return check(command.index, command.store, env);
    case "resume":
      return resumeElsewhere(
        command.version,
        () => open(command.store, env, Date.now),
      );
    case "call":
      return call(command, env);
  }
}

/** Does what a user's worker must not: lets anyone ask `/objects/<name>/...`. */
async function forward(request: Request, env: Env): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const [, , name = "", ...path] = pathname.split("/");
  const stub = env.SESSIONS.get(env.SESSIONS.idFromName(name));
  const url = `https://session-object/${path.join("/")}${search}`;
  const { status, body } = await stub.fetch(new Request(url, request));
  return new Response(body, { status });
}

/** Each with a place of its own for every store. */
async function check(
  index: number,
  store: StoreChoice,
  env: Env,
): Promise<CheckReply> {
  const checks = checkSessionStore((now) => {
    const prefix = `${crypto.randomUUID()}/`;
    return open({ ...store, prefix }, env, now);
  }, { timeout: 60_000 });
  const check = checks[index];
  if (check === undefined) return { error: `There is no check ${index}` };
  try {
    await check.run();
    return { name: check.name };
  } catch (error) {
    return { name: check.name, error: String(error) };
  }
}

async function call(
  { store: choice, now, method, id, record, expiresAt, tag }: Extract<
    Command,
    { command: "call" }
  >,
  env: Env,
): Promise<CallReply> {
  const store = open(choice, env, now === undefined ? Date.now : () => now);
  const key = Uint8Array.from(id ?? []);
  try {
    switch (method) {
      case "set":
        await store.set(key, Uint8Array.from(record ?? []), {
          expiresAt: new Date(expiresAt ?? 0),
          ...(tag !== undefined && { tag }),
        });
        return {};
      case "get":
      case "take": {
        const found = await store[method]?.(key);
        return found ? { record: [...found] } : {};
      }
      case "delete":
        await store.delete(key, "revoked");
        return {};
      case "revoke":
        return { count: await store.revoke?.({ tag: tag ?? "" }) ?? -1 };
      case "entries":
        return { entries: await entriesOf(store) };
    }
  } catch (error) {
    return { error: String(error) };
  }
}

async function entriesOf(
  store: SessionStore,
): Promise<NonNullable<CallReply["entries"]>> {
  const entries: SessionEntry[] = [];
  for await (const entry of store.entries?.() ?? []) entries.push(entry);
  return entries.map(({ id, expiresAt, tag, size }) => ({
    id: [...id],
    expiresAt: expiresAt.getTime(),
    size,
    ...(tag !== undefined && { tag }),
  }));
}

function open(
  { kind, prefix = "test/", shards }: StoreChoice,
  env: Env,
  now: () => number,
): SessionStore {
  return kind === "kv"
    ? new CloudflareKvSessionStore(env.KV, { prefix, now })
    : new DurableObjectSessionStore(env.SESSIONS, {
      prefix,
      now,
      ...(shards !== undefined && { shards }),
    });
}
