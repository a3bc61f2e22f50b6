/**
 * What must hold in every runtime. Nothing here is one runtime's own, nor syntax
 * that Node.js 22 can't parse: `using` is such.
 *
 * @module
 */
import { OpenSSL, TlsError } from "../../mod.ts";
import {
  SSL_OP_NO_TICKET,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_SERVER,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../src/libssl/mod.ts";
import { MemorySessionStore } from "../../src/stores/memory.ts";
import { made } from "../support/pair.ts";
import { Peers } from "../support/peers.ts";
import { AUDIT_CHECKS } from "./audit_checks.ts";
import { sockets } from "./sockets.ts";
import { STORE_CHECKS } from "./store_checks.ts";
import { TESTING_CHECKS } from "./testing_checks.ts";
import { clientRandom, crossInstances, deliver, visit } from "./visits.ts";

const MEGABYTE = 1_048_576;

/** Checks by name: they throw or reject if what they check doesn't hold. */
export type Checks = Readonly<Record<string, () => void | Promise<void>>>;

/** How a check went. */
export interface CheckResult {
  /** What was checked. */
  readonly name: string;
  /** Whether it held. */
  readonly ok: boolean;
  /** Why it didn't. */
  readonly error?: string;
  /** When it was over, in milliseconds since 1970. */
  readonly endedAt: number;
}

const CHECKS: Checks = {
  // The first: the matrix tells how long it took to get here.
  "a first handshake": firstHandshake,
  "TLS 1.2: a session crosses instances": () => {
    const store = new MemorySessionStore();
    crossInstances("TLSv1.2", () => store);
  },
  "TLS 1.3: a session crosses instances": () => {
    const store = new MemorySessionStore();
    crossInstances("TLSv1.3", () => store);
  },
  "TLS 1.2: libssl's session callbacks": () => callBack(TLS1_2_VERSION, 1),
  "TLS 1.3: libssl's session callbacks": () => callBack(TLS1_3_VERSION, 2),
  "an exception in a callback gets out": throwInCallback,
  "1 MB each way": exchangeMegabytes,
  "1 MB there and back, over sockets": echoMegabyte,
  "instances draw different random bytes": drawDifferently,
  "random bytes are drawn when needed": drawLazily,
  "no entropy, no connection": failWithoutEntropy,
  "memory returns to its level": returnMemory,
  ...STORE_CHECKS,
  ...AUDIT_CHECKS,
  ...TESTING_CHECKS,
};

/** Runs the checks that are for every runtime, then `more`. */
export function runChecks(more: Checks = {}): Promise<CheckResult[]> {
  return resultsOf({ ...CHECKS, ...more });
}

/** Runs checks, one after the other. */
export async function resultsOf(checks: Checks): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const [name, check] of Object.entries(checks)) {
    const error = await failureOf(check);
    const ok = error === undefined;
    const endedAt = Date.now();
    results.push({ name, ok, endedAt, ...(ok ? {} : { error }) });
  }
  return results;
}

async function failureOf(check: Checks[string]): Promise<string | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

function firstHandshake(): void {
  const { version } = OpenSSL.default;
  if (!version.startsWith("OpenSSL 3.5.")) throw new Error(`It is ${version}`);
  visit({ openssl: OpenSSL.default });
}

/** `count` is how many sessions a full handshake makes. */
function callBack(version: number, count: number): void {
  const peers = new Peers();
  const { libssl } = peers;
  const store = new Map<string, Uint8Array>();
  const server = peers.server({
    version,
    options: SSL_OP_NO_TICKET,
    cacheMode: SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL,
  });
  let lookups = 0;
  libssl.SSL_CTX_sess_set_new_cb(server, (_ssl, session) => {
    const id = String(libssl.SSL_SESSION_get_id(session));
    store.set(id, made(libssl.i2d_SSL_SESSION(session)));
    return 0;
  });
  libssl.SSL_CTX_sess_set_get_cb(server, (_ssl, id, copy) => {
    lookups++;
    copy.value = 0;
    const der = store.get(String(id));
    return der ? libssl.d2i_SSL_SESSION(der) : null;
  });
  const client = peers.client({ version });
  const session = peers.visit(server, client);
  expect(store.size, count, "sessions given to new_cb");
  expect(lookups, 0, "look-ups before there is a session");
  const { resumed } = peers.connect(server, client, { session });
  expect(lookups, 1, "look-ups by get_cb");
  expect(resumed, true, "resumed");
  peers[Symbol.dispose]();
}

function throwInCallback(): void {
  const peers = new Peers();
  // In TLS 1.2 new_cb is called once.
  const server = peers.server({
    version: TLS1_2_VERSION,
    options: SSL_OP_NO_TICKET,
  });
  const client = peers.client();
  const cause = new Error("from the callback");
  peers.libssl.SSL_CTX_sess_set_new_cb(server, () => {
    throw cause;
  });
  expect(thrownBy(() => peers.connect(server, client)), cause, "thrown");
  peers.libssl.SSL_CTX_sess_set_new_cb(server, null);
  peers.connect(server, client);
  peers[Symbol.dispose]();
}

function exchangeMegabytes(): void {
  const { client, server } = visit();
  // No two records of it are the same.
  const bytes = Uint8Array.from({ length: MEGABYTE }, (_, i) => i ^ (i >> 13));
  for (const [from, to] of [[client, server], [server, client]] as const) {
    from.write(bytes);
    const received = deliver(from, to);
    expect(received.length, bytes.length, "bytes received");
    expect(received.every((byte, i) => byte === bytes[i]), true, "the same");
  }
}

async function echoMegabyte(): Promise<void> {
  const { client, server } = sockets();
  const echo = server.readable.pipeTo(server.writable);
  const writer = client.writable.getWriter();
  const writing = writer.write(new Uint8Array(MEGABYTE)).then(() =>
    writer.close()
  );
  const reader = client.readable.getReader();
  let length = 0;
  for (let end = false; !end;) {
    const { done, value } = await reader.read();
    length += value?.length ?? 0;
    end = done;
  }
  expect(length, MEGABYTE, "bytes received");
  await Promise.all([echo, writing, client.closed, server.closed]);
}

function drawDifferently(): void {
  const randoms = Array.from({ length: 4 }, () => clientRandom(new OpenSSL()));
  expect(new Set(randoms).size, randoms.length, "different client randoms");
}

function drawLazily(): void {
  let drawn = 0;
  const openssl = new OpenSSL({
    entropy: (out) => {
      drawn += out.length;
      crypto.getRandomValues(out);
    },
  });
  expect(drawn, 0, "bytes drawn by a new instance");
  clientRandom(openssl);
  expect(drawn > 0, true, "drawn by a client hello");
}

function failWithoutEntropy(): void {
  const openssl = new OpenSSL({
    entropy: () => {
      throw new Error("the source is dry");
    },
  });
  const error = thrownBy(() => clientRandom(openssl));
  expect(error instanceof TlsError && error.code, "no-entropy", "the code");
  const { message } = error as Error;
  expect(/make contexts in a handler/.test(message), true, "what to do");
}

function returnMemory(): void {
  const openssl = new OpenSSL();
  const store = new MemorySessionStore();
  const meet = () => {
    const { client, server, contexts } = visit({ openssl, store });
    for (const engine of [client, server]) engine[Symbol.dispose]();
    for (const context of contexts) context.close();
  };
  meet();
  const before = openssl.memory;
  for (let i = 0; i < 20; i++) meet();
  // What malloc rounds up differs by a few bytes; one leak would be 320.
  const growth = Math.abs(openssl.memory.used - before.used);
  expect(growth < 200, true, `${growth} bytes are nothing`);
  expect(openssl.memory.handles, before.handles, "handles");
}

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

function expect<T>(actual: T, expected: T, what: string): void {
  if (!Object.is(actual, expected)) {
    throw new Error(`${what}: expected ${expected}, it is ${actual}`);
  }
}
