/** What becomes of records that aren't what was written. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL, TlsError } from "@sesame/tls";
import {
  decodeSessionRecord,
  encodeSessionRecord,
  type SessionRecord,
} from "../../../src/tls/sessions/session_record.ts";
import { areEqual } from "../../../src/internal/bytes.ts";
import { FuzzRandom } from "../../fuzz/random.ts";
import { FUZZ_SEED, fuzzRounds } from "../../fuzz/rounds.ts";
import type { Ends } from "../../support/engines.ts";
import { SANITIZED, settle, Site, VERSIONS } from "../../support/site.ts";

/** For each version: 100,000 in all. */
const MUTATIONS = 50_000;
const HANDSHAKES = 40;

/** A record that chance has changed: bytes flipped, lost or come by. */
function mutated(
  record: Uint8Array,
  random: FuzzRandom,
): Uint8Array {
  const bytes = new Uint8Array(record);
  const at = random.below(bytes.length);
  switch (random.below(4)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return new Uint8Array([
        ...bytes,
        ...bytes.subarray(0, 1 + random.below(8)),
      ]);
    default:
      for (let i = random.below(4); i >= 0; i--) {
        const flipped = (at + i * random.below(40)) % bytes.length;
        bytes[flipped] = (bytes[flipped] ?? 0) ^ (1 + random.below(255));
      }
      return bytes;
  }
}

/** The record as the version before wrote it: without a checksum. */
function asVersion1(record: Uint8Array): Uint8Array {
  return record.slice(0, -4).with(0, 1);
}

/** The newest record of a site's store. */
function newestRecord({ store }: Site): { id: Uint8Array; record: Uint8Array } {
  const id = store.of("set").at(-1)?.id;
  const record = id && store.inner.get(id);
  assert(id && record);
  return { id, record };
}

/** A record whose session has another secret. */
function withWrongSecret(record: Uint8Array): Uint8Array {
  const { libssl } = OpenSSL.default;
  const { der, ...rest } = decodeSessionRecord(record) as SessionRecord;
  const session = libssl.d2i_SSL_SESSION(der);
  assert(session);
  const key = libssl.SSL_SESSION_get_master_key(session);
  libssl.SSL_SESSION_set1_master_key(session, key.with(0, (key[0] ?? 0) ^ 1));
  const wrong = libssl.i2d_SSL_SESSION(session);
  libssl.SSL_SESSION_free(session);
  assert(wrong);
  return encodeSessionRecord({ ...rest, der: wrong });
}

/** The code of what ends a handshake, told to the server if it is the client's. */
async function failureOf(ends: Ends): Promise<string | undefined> {
  try {
    await settle(ends);
  } catch {
    const alert = ends.client.send();
    if (ends.server.error === null) {
      assertThrows(() => ends.server.receive(alert), TlsError);
    }
  }
  return ends.server.error?.code;
}

for (const version of VERSIONS) {
  describe(`A record of a ${version} session`, SANITIZED, () => {
    it("is told from all that chance has made of it", async () => {
      using site = new Site();
      await site.session(site.server(), { version });
      const { record } = newestRecord(site);
      assertEquals(typeof decodeSessionRecord(record), "object");
      const random = new FuzzRandom(FUZZ_SEED);
      for (const round of fuzzRounds(`records of ${version}`, MUTATIONS, 0.3)) {
        const bytes = mutated(record, random);
        if (areEqual(bytes, record)) continue;
        const answer = decodeSessionRecord(bytes);
        assert(
          typeof answer === "string",
          `mutation ${round}: ${bytes.join()}`,
        );
      }
    });

    it("that is damaged isn't resumed, is reported, and deleted", async () => {
      using site = new Site();
      const server = site.server();
      const random = new FuzzRandom(FUZZ_SEED);
      for (
        const _round of fuzzRounds(`handshakes of ${version}`, HANDSHAKES, 0.2)
      ) {
        const session = await site.session(server, { version });
        const { id, record } = newestRecord(site);
        const bytes = mutated(record, random);
        if (areEqual(bytes, record)) continue;
        const failures = site.failures.length;
        const flaw = decodeSessionRecord(bytes);
        site.store.inner.set(id, bytes, {
          expiresAt: new Date(site.time + 60_000),
        });
        assertEquals(await site.resume(server, { version, session }), {
          resumed: false,
          reason: "malformed-record",
        });
        assertEquals(site.failures.length, failures + 1);
        // One of another version stays for whoever wrote it.
        assertEquals(
          site.store.inner.get(id) === undefined,
          flaw === "damaged",
        );
      }
    });

    it("of the version before is still read, and its end found", async () => {
      using site = new Site();
      const server = site.server();
      const session = await site.session(server, { version });
      const { id, record } = newestRecord(site);
      const options = { expiresAt: new Date(site.time + 60_000) };
      const old = asVersion1(record);
      site.store.inner.set(id, old, options);
      assertEquals(await site.resume(server, { version, session }), {
        resumed: true,
        from: "store",
      });
      for (const bytes of [old.slice(0, -1), new Uint8Array([...old, 0])]) {
        assertEquals(decodeSessionRecord(bytes), "damaged");
      }
    });

    for (const sessionIdKey of [undefined, new Uint8Array(16)]) {
      const what = sessionIdKey
        ? "is deleted"
        : "stays, as its id may be made up";

      it(`that fails the handshake is reported and ${what}`, async () => {
        using site = new Site();
        const server = site.server({ ...(sessionIdKey && { sessionIdKey }) });
        const session = await site.session(server, { version });
        const { id, record } = newestRecord(site);
        site.store.inner.set(id, withWrongSecret(record), {
          expiresAt: new Date(site.time + 60_000),
        });
        using ends = site.ends(server, { version, session });
        assertEquals(await failureOf(ends), "handshake");
        const isGone = sessionIdKey !== undefined;
        assertEquals(site.failures.map(([operation]) => operation), [
          ...isGone ? ["get"] : [],
        ]);
        assertEquals(site.store.inner.get(id) === undefined, isGone);
        if (!isGone) return;
        using again = await site.visit(server, { version, session });
        assertEquals(again.resumption, {
          resumed: false,
          reason: "unknown-id",
        });
      });
    }
  });
}

describe("A record", () => {
  it("that is longer than any session isn't looked through", () => {
    const der = new Uint8Array(1 << 20);
    der.set([0x30, 0x83, 0x0f, 0xff, 0xfb]);
    const parts = { expiresAt: 1, context: new Uint8Array(), der };
    // Compared as a whole: what is found instead would take long to print.
    assert(decodeSessionRecord(encodeSessionRecord(parts)) === "damaged");
    const short = der.subarray(0, 1 << 16);
    short.set([0x30, 0x83, 0x00, 0xff, 0xfb]);
    const record = encodeSessionRecord({ ...parts, der: short });
    assertEquals(typeof decodeSessionRecord(record), "object");
  });

  it("of a version to come isn't read as one of a version before", () => {
    const der = Uint8Array.of(0x30, 1, 0);
    const record = encodeSessionRecord({
      expiresAt: 1,
      context: new Uint8Array(),
      der,
    });
    assertEquals(typeof decodeSessionRecord(asVersion1(record)), "object");
    for (const version of [0, 3, 255]) {
      const other = asVersion1(record).with(0, version);
      assertEquals(decodeSessionRecord(other), "unknown-version");
    }
  });

  it("is told by its checksum, and one without it by its form", () => {
    const record = encodeSessionRecord({
      expiresAt: 1,
      context: new Uint8Array(4),
      der: Uint8Array.of(0x30, 1, 0),
    });
    const flipped = record.with(10, 1); // in the context
    assertEquals(decodeSessionRecord(flipped), "damaged");
    for (let length = 1; length < record.length; length++) {
      assertEquals(decodeSessionRecord(record.slice(0, length)), "damaged");
    }
    const old = asVersion1(record);
    for (let length = 1; length < old.length; length++) {
      assertEquals(decodeSessionRecord(old.slice(0, length)), "damaged");
    }
    const forms = [[0x31, 1, 0], [0x30, 0x85, 0, 0, 0, 0, 0], [0x30, 2, 0]];
    for (const form of forms) {
      const bytes = Uint8Array.of(...old.subarray(0, 14), ...form);
      assertEquals(decodeSessionRecord(bytes), "damaged");
    }
  });
});
