/** What has held a secret in JavaScript is zeroed as soon as nothing needs it any more. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext, type TlsContextOptions, TlsEngine } from "@sesame/tls";
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { EncryptedSessionStore } from "@sesame/tls/stores/encrypted";
import type { SessionStore } from "@sesame/tls";
import { decodeSessionRecord } from "../../../src/tls/sessions/session_record.ts";
import { certificate } from "../../support/engines.ts";
import { ClientLab } from "../../support/client_lab.ts";
import { Site, VERSIONS } from "../../support/site.ts";
import { countOf, isZero, wipedDuring } from "../../support/wiped.ts";

/** A store that keeps what it was given and what it gave, besides copies that live on. */
class Witness implements SessionStore {
  readonly given: Uint8Array[] = [];
  readonly answers: Uint8Array[] = [];
  readonly copies: Uint8Array[] = [];
  readonly #inner = new MemorySessionStore();
  readonly #isSlow: boolean;

  constructor(isSlow: boolean) {
    this.#isSlow = isSlow;
  }

  get(
    id: Uint8Array,
  ): Promise<Uint8Array | undefined> | Uint8Array | undefined {
    const found = this.#inner.get(id);
    if (found) this.answers.push(found);
    return this.#isSlow ? Promise.resolve(found) : found;
  }

  set(
    ...[id, record, options]: Parameters<SessionStore["set"]>
  ): Promise<void> | void {
    this.given.push(record);
    this.copies.push(new Uint8Array(record));
    this.#inner.set(id, record, options);
    if (this.#isSlow) return Promise.resolve();
  }

  delete(...args: Parameters<SessionStore["delete"]>): void {
    this.#inner.delete(...args);
  }
}

/** Cipher suites that no session of the default ones fits. */
const OTHER_CIPHER = {
  "TLSv1.2": {
    configure: [["CipherString", "ECDHE+AESGCM"]],
  },
  "TLSv1.3": {
    configure: [["Ciphersuites", "TLS_AES_256_GCM_SHA384"]],
  },
} satisfies Record<(typeof VERSIONS)[number], TlsContextOptions>;

for (const version of VERSIONS) {
  for (const isSlow of [false, true]) {
    const store = isSlow ? "a store that answers later" : "a store";
    describe(`A server's sessions of ${version} in ${store}`, () => {
      it("are wiped once they are written, and so is what they were made of", async () => {
        using site = new Site();
        const sessions = new Witness(isSlow);
        const server = site.server({ sessions });
        const wiped = await wipedDuring(() =>
          site.session(server, { version })
        );
        assert(sessions.given.length > 0);
        assert(sessions.given.every(isZero));
        for (const copy of sessions.copies) {
          assertEquals(countOf(wiped, derOf(copy)), 1);
        }
      });

      it("are wiped once they were looked up", async () => {
        using site = new Site();
        const sessions = new Witness(isSlow);
        const server = site.server({ sessions });
        const session = await site.session(server, { version });
        const wiped = await wipedDuring(async () => {
          assert((await site.resume(server, { version, session })).resumed);
        });
        assertWiped(wiped, sessions.answers);
      });

      it("are wiped if they don't fit", async () => {
        using site = new Site();
        const sessions = new Witness(isSlow);
        const session = await site.session(site.server({ sessions }), {
          version,
        });
        // That differs in what is seen only once the session is read.
        const other = site.server({ sessions, ...OTHER_CIPHER[version] });
        const wiped = await wipedDuring(async () => {
          assert(!(await site.resume(other, { version, session })).resumed);
        });
        assertWiped(wiped, sessions.answers);
      });
    });
  }
}

describe("A client's session", () => {
  it("leaves no copy when it is proposed", async () => {
    using site = new Site();
    const session = await site.session(site.context());
    const der = session.toBytes();
    const wiped = await wipedDuring(() => {
      using client = site.client();
      const options = { hostname: "localhost", session };
      new TlsEngine(client, { role: "client", ...options })[Symbol.dispose]();
    });
    assert(countOf(wiped, der) >= 1);
  });
});

describe("A client's sessions in a store", () => {
  it("are wiped once they are written or read", async () => {
    const lab = new ClientLab();
    using server = lab.serve({});
    const sessions = new Witness(false);
    const first = await wipedDuring(() => lab.visit(server, { sessions }));
    assert(sessions.given.length > 0);
    assert(sessions.given.every(isZero));
    assertEquals(countOf(first, derOf(sessions.copies[0])), 1);
    assert(await lab.resumes(server, { sessions, singleUse: false }));
    assert(sessions.answers.length > 0);
    assert(sessions.answers.every(isZero));
  });
});

describe("A session that may not be resumed by its owner's word", () => {
  it("is wiped", async () => {
    using site = new Site();
    const sessions = new Witness(false);
    const server = site.server({
      sessions,
      clientAuth: "require",
      caCerts: [certificate.cert],
      revalidate: () => false,
    });
    const client = { ...certificate, caCerts: [certificate.cert] };
    const session = await site.session(server, { client });
    const wiped = await wipedDuring(async () => {
      assert(!(await site.resume(server, { session, client })).resumed);
    });
    assertWiped(wiped, sessions.answers);
  });
});

describe("A context", () => {
  it("leaves no copy of its key's PEM", async () => {
    const wiped = await wipedDuring(() => new TlsContext(certificate).close());
    const texts = wiped.map((bytes) => new TextDecoder().decode(bytes));
    assert(texts.some((text) => text.includes("PRIVATE KEY")));
    const [, base64 = ""] = certificate.key.split(/-----[A-Z ]+-----/);
    const der = Uint8Array.fromBase64(base64);
    assert(countOf(wiped, der) >= 1);
  });

  it("leaves no copy of its ticket keys when it is updated", async () => {
    using context = new TlsContext(certificate);
    const wiped = await wipedDuring(() => context.update(certificate));
    assert(wiped.some(({ length }) => length === 80));
  });
});

describe("An encrypted store", () => {
  const id = new Uint8Array(32).fill(1);
  const record = new Uint8Array(300).fill(7);
  // Long enough for a run of all tests that have been loaded together.
  const expiresAt = new Date(Date.now() + 86_400_000);
  const signal = new AbortController().signal;

  it("leaves no copy of a record or of its keys", async () => {
    const key = crypto.getRandomValues(new Uint8Array(32));
    const store = new EncryptedSessionStore(new MemorySessionStore(), [key]);
    const writing = await wipedDuring(() =>
      store.set(id, record, { expiresAt, signal })
    );
    assertEquals(countOf(writing, key), 1);
    const holding = (wiped: Uint8Array[]): number =>
      wiped.filter((bytes) => endsWith(bytes, record)).length;
    assertEquals(holding(writing), 1);
    const reading = await wipedDuring(() => store.get(id, { signal }));
    assertEquals(holding(reading), 1);
  });

  it("leaves no copy of a record that it doesn't give", async () => {
    let now = Date.now();
    const inner = new MemorySessionStore({ now: () => 0 });
    const key = crypto.getRandomValues(new Uint8Array(32));
    const store = new EncryptedSessionStore(inner, [key], { now: () => now });
    await store.set(id, record, { expiresAt, signal });
    now = expiresAt.getTime();
    const wiped = await wipedDuring(() => store.get(id, { signal }));
    assertEquals(countOf(wiped, record), 1);
  });
});

/** Asserts that what was read of a store's answers, which are the store's, is gone. */
function assertWiped(wiped: Uint8Array[], answers: Uint8Array[]): void {
  assert(answers.length > 0);
  for (const answer of answers) {
    assert(countOf(wiped, derOf(answer)) >= 1);
  }
}

function derOf(record: Uint8Array | undefined): Uint8Array {
  assert(record);
  const decoded = decodeSessionRecord(record);
  assert(typeof decoded === "object" && decoded !== null);
  return decoded.der;
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return bytes.length > end.length &&
    bytes.subarray(-end.length).every((byte, i) => byte === end[i]);
}
