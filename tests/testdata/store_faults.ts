import { assert } from "@std/assert";
import type { ResumptionFailure } from "@sesame/tls";
import type { Libssl, SSL_SESSION } from "../../src/libssl/mod.ts";
import {
  decodeSessionRecord,
  encodeSessionRecord,
  type SessionRecord,
} from "../../src/tls/sessions/session_record.ts";
import { movedFrom } from "../support/detached_bytes.ts";
import type { Site } from "../support/site.ts";

const DER_AT = 42;

/** What the store answers instead of the record that it should. */
export type Lie = (record: Uint8Array, site: Site) => unknown;

/** A fault in a store's answer, why nothing is resumed then, and how often it is reported. */
export type Fault = [
  what: string,
  lie: Lie,
  why: ResumptionFailure,
  reports: number,
];

const random = (length: number): Uint8Array =>
  crypto.getRandomValues(new Uint8Array(length));

/** What can be wrong with a store. */
export const FAULTS: Fault[] = [
  [
    "throws",
    () => {
      throw new Error("down");
    },
    "store-failed",
    1,
  ],
  ["rejects", () => Promise.reject(new Error("down")), "store-failed", 1],
  ["rejects with nothing", () => Promise.reject(), "store-failed", 1],
  ["never answers", () => new Promise(() => {}), "deadline", 1],
  ["has lost the session", () => undefined, "unknown-id", 0],
  [
    "answers with another session",
    (_, site) => {
      const ids = site.store.ids("get");
      const others = site.store.of("set").filter(({ id }) =>
        !ids.includes(id.join())
      );
      const other = others[0];
      assert(other);
      return site.store.inner.get(other.id);
    },
    "malformed-record",
    1,
  ],
  [
    "answers with nothing at all",
    () => new Uint8Array(),
    "malformed-record",
    1,
  ],
  [
    "answers with random bytes",
    () => random(300).with(0, 7),
    "malformed-record",
    1,
  ],
  [
    "answers with a truncated record",
    (r) => r.slice(0, 30),
    "malformed-record",
    1,
  ],
  [
    "answers with a truncated session",
    (r) => r.slice(0, -20),
    "malformed-record",
    1,
  ],
  [
    "answers with a random session",
    (r) => {
      return Uint8Array.of(...r.subarray(0, DER_AT), ...random(200));
    },
    "malformed-record",
    1,
  ],
  [
    "answers with an empty session",
    (r) => r.slice(0, DER_AT),
    "malformed-record",
    1,
  ],
  [
    "answers with a record of another version",
    (r) => r.with(0, 9),
    "malformed-record",
    1,
  ],
  [
    "answers with bytes that were given away",
    (r) => {
      movedFrom(r);
      return r;
    },
    "malformed-record",
    1,
  ],
  [
    "shrinks the buffer that it has answered with",
    (r) => {
      const buffer = new ArrayBuffer(r.length, { maxByteLength: r.length });
      new Uint8Array(buffer).set(r);
      after(3, () => buffer.resize(DER_AT));
      return Promise.resolve(new Uint8Array(buffer));
    },
    "malformed-record",
    1,
  ],
  ["answers with a string", () => "record", "malformed-record", 1],
  ["has lost it, and says null", () => null, "unknown-id", 0],
  [
    "answers with an ArrayBuffer",
    (r) => r.slice().buffer,
    "malformed-record",
    1,
  ],
  [
    "answers with what has expired",
    (r, site) => encodeSessionRecord({ ...partsOf(r), expiresAt: site.time }),
    "expired",
    0,
  ],
  [
    "answers with an expiry that isn't a number",
    (r) => {
      const record = new Uint8Array(r);
      new DataView(record.buffer).setFloat64(1, NaN);
      return record;
    },
    "malformed-record",
    1,
  ],
  [
    "answers with another context's record",
    (r) => encodeSessionRecord({ ...partsOf(r), context: random(32) }),
    "context-mismatch",
    0,
  ],
  [
    "answers late, but in time",
    async (record) => {
      await new Promise((done) => setTimeout(done, 5));
      return record.slice(0, 50);
    },
    "malformed-record",
    1,
  ],
  [
    "answers with a session of another version",
    edited((libssl, session) => {
      const version = libssl.SSL_SESSION_get_protocol_version(session);
      libssl.SSL_SESSION_set_protocol_version(
        session,
        version === 0x0304 ? 0x0303 : 0x0304,
      );
    }),
    "version-mismatch",
    0,
  ],
  [
    "answers with another context's session in this context's record",
    edited((libssl, session) => {
      libssl.SSL_SESSION_set1_id_context(session, random(32));
    }),
    "malformed-record",
    1,
  ],
  [
    "answers with an expired session in a record that hasn't expired",
    edited((libssl, session) => {
      const time = libssl.SSL_SESSION_get_time_ex(session);
      libssl.SSL_SESSION_set_time_ex(session, time - 7200);
    }),
    "expired",
    0,
  ],
];

/** Calls `action` after some turns of the queue of microtasks. */
function after(turns: number, action: () => void): void {
  queueMicrotask(turns > 1 ? () => after(turns - 1, action) : action);
}

/** A lie that changes the session in a record. */
function edited(
  edit: (libssl: Libssl, session: SSL_SESSION) => void,
): Lie {
  return (record, { openssl: { libssl } }) => {
    const parts = partsOf(record);
    const session = libssl.d2i_SSL_SESSION(parts.der);
    assert(session);
    edit(libssl, session);
    const der = libssl.i2d_SSL_SESSION(session);
    libssl.SSL_SESSION_free(session);
    assert(der);
    return encodeSessionRecord({ ...parts, der });
  };
}

function partsOf(record: Uint8Array): SessionRecord {
  const parts = decodeSessionRecord(record);
  assert(typeof parts === "object");
  return parts;
}
