import type { RemovalReason } from "../stores/session_store.ts";
import { sampleBytes, type StoreTrial } from "./_store_trial.ts";

/** A promise of `SessionStore`, and how to see whether a store keeps it. */
export interface StorePromise {
  readonly name: string;
  readonly check: (trial: StoreTrial) => void | Promise<void>;
}

/** All of them. */
export const STORE_PROMISES: readonly StorePromise[] = [
  { name: "an id that was never set has no record", check: neverSet },
  { name: "get returns what was set, and leaves it there", check: roundTrip },
  { name: "ids that differ in any byte have records of their own", check: ids },
  { name: "many records are held at the same time", check: many },
  { name: "set replaces the record, and its expiry", check: replacing },
  { name: "delete removes the record, whatever the reason", check: deleting },
  { name: "delete leaves other records alone", check: deletingOthers },
  { name: "take, where there is one, returns a record once", check: taking },
  { name: "a record that was deleted can be set again", check: settingAgain },
  { name: "no record is returned once it has expired", check: expiry },
  { name: "a record that has expired already is not kept", check: expired },
  { name: "a record without a valid expiry is not kept", check: invalidExpiry },
  { name: "arrays that were handed in can be changed", check: copyingIn },
  { name: "arrays that were handed out can be changed", check: copyingOut },
  { name: "a view of a larger buffer is just its own bytes", check: views },
];

const REASONS: readonly RemovalReason[] = [
  "expired",
  "evicted",
  "fatal",
  "unclean",
  "consumed",
  "context-closed",
  "revoked",
];

const FIRST = sampleBytes(100, 1);
const SECOND = sampleBytes(120, 2);

function neverSet(trial: StoreTrial): void {
  const { store, id } = trial;
  trial.expectNone(store.get(id), "get knows only what was set");
  trial.expectNone(store.take?.(id), "take knows only what was set");
  store.delete(id, "revoked");
}

function roundTrip(trial: StoreTrial): void {
  for (const length of [1, 256, 16_384]) {
    const record = sampleBytes(length, length);
    trial.set(trial.id, record);
    for (const time of ["first", "second"]) {
      const found = trial.store.get(trial.id);
      trial.expect(found, record, `the ${time} get returns what was set`);
    }
  }
}

function ids(trial: StoreTrial): void {
  const similar = [
    [1],
    [1, 0],
    [0, 1],
    [0],
    [0, 0],
    [12, 3],
    [1, 23],
    [1, 44, 2],
    [0xe9],
    [0xc3, 0xa9],
    [0xff, 0xfd],
    [0xef, 0xbf, 0xbd],
    [0x61],
    [0x41],
    [...trial.id],
    [...trial.id.subarray(0, 31)],
    [...trial.id.subarray(0, 31), 0],
  ].map((bytes) => Uint8Array.from(bytes));
  similar.forEach((id, i) => trial.set(id, sampleBytes(9, i)));
  similar.forEach((id, i) => {
    const promise = `the record of id [${id.join(" ")}] is its own`;
    trial.expect(trial.store.get(id), sampleBytes(9, i), promise);
  });
}

function many(trial: StoreTrial): void {
  const numbers = Array.from({ length: 64 }, (_, i) => i);
  for (const i of numbers) trial.set(sampleBytes(32, i), sampleBytes(90, i));
  for (const i of numbers) {
    const found = trial.store.get(sampleBytes(32, i));
    trial.expect(found, sampleBytes(90, i), "64 records have room");
  }
}

async function replacing(trial: StoreTrial): Promise<void> {
  const { store, time, id } = trial;
  trial.set(id, FIRST);
  trial.set(id, SECOND);
  trial.expect(store.get(id), SECOND, "get returns what was set last");

  const soon = trial.setBriefly(id, FIRST, 50);
  trial.set(id, SECOND);
  await time.reach(soon);
  trial.expect(store.get(id), SECOND, "a later set extends the lifetime");

  await time.reach(trial.setBriefly(id, FIRST, 50));
  trial.expectNone(store.get(id), "a later set shortens the lifetime");
}

function deleting(trial: StoreTrial): void {
  const { store, id } = trial;
  for (const reason of REASONS) {
    trial.set(id, FIRST);
    store.delete(id, reason);
    const promise = `after delete for "${reason}" there is no record`;
    trial.expectNone(store.get(id), promise);
    trial.expectNone(store.take?.(id), promise);
  }
}

function deletingOthers(trial: StoreTrial): void {
  const { store, id } = trial;
  const other = sampleBytes(32, 8);
  trial.set(id, FIRST);
  trial.set(other, SECOND);
  store.delete(id, "fatal");
  store.delete(id, "fatal");
  trial.expect(store.get(other), SECOND, "delete removes just one record");
}

function taking(trial: StoreTrial): void {
  const { store, id } = trial;
  if (store.take === undefined) return;
  const other = sampleBytes(32, 8);
  trial.set(id, FIRST);
  trial.set(other, SECOND);
  trial.expect(store.take(id), FIRST, "take returns the record");
  trial.expectNone(store.take(id), "a second take finds nothing");
  trial.expectNone(store.get(id), "get after take finds nothing");
  trial.expect(store.get(other), SECOND, "take removes just one record");
}

function settingAgain(trial: StoreTrial): void {
  const { store, id } = trial;
  trial.set(id, FIRST);
  store.delete(id, "revoked");
  trial.set(id, SECOND);
  trial.expect(store.get(id), SECOND, "set after delete stores the record");
}

async function expiry(trial: StoreTrial): Promise<void> {
  const { store, time, id } = trial;
  const taken = sampleBytes(32, 8);
  const takenLater = sampleBytes(32, 9);
  trial.setBriefly(taken, FIRST, 50);
  trial.setBriefly(takenLater, FIRST, 50);
  const expiresAt = trial.setBriefly(id, FIRST, 50);
  if (time.exact) {
    await time.reach(expiresAt - 1);
    const promise = "get returns a record until it expires";
    trial.expect(store.get(id), FIRST, promise);
  }
  await time.reach(expiresAt);
  trial.expectNone(store.get(id), "get returns no record at its expiresAt");
  trial.expectNone(
    store.take?.(taken),
    "take returns no record at its expiresAt",
  );
  await time.reach(expiresAt + 1);
  trial.expectNone(store.get(id), "get returns no record that has expired");
  trial.expectNone(
    store.take?.(takenLater),
    "take returns no record that has expired",
  );
}

function expired(trial: StoreTrial): void {
  const { store, id } = trial;
  for (const lifetime of [0, -1, -1_000_000]) {
    trial.set(id, FIRST);
    trial.setBriefly(id, SECOND, lifetime);
    const promise = `with ${lifetime} ms to live there is no record`;
    trial.expectNone(store.get(id), promise);
  }
}

function invalidExpiry(trial: StoreTrial): void {
  const { store, id } = trial;
  try {
    store.set(id, FIRST, { expiresAt: new Date(NaN) });
  } catch {
    // As it should; what counts is that the record doesn't live for ever.
  }
  const promise = "a record whose expiresAt is an invalid date is not kept";
  trial.expectNone(store.get(id), promise);
}

/** As Node's Buffer does it: a slice that is no copy. */
class BufferLike extends Uint8Array {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
  }
}

function copyingIn(trial: StoreTrial): void {
  for (const Bytes of [Uint8Array, BufferLike]) {
    const id = Bytes.from(trial.id);
    const record = Bytes.from(FIRST);
    trial.set(id, record);
    id.fill(0);
    record.fill(0);
    const promise = "changing the arrays given to set changes no record";
    trial.expect(trial.store.get(trial.id), FIRST, promise);
  }
}

function copyingOut(trial: StoreTrial): void {
  const { store, id } = trial;
  trial.set(id, FIRST);
  store.get(id)?.fill(0);
  const promise = "changing the array that get returned changes no record";
  trial.expect(store.get(id), FIRST, promise);

  const kept = store.get(id);
  trial.set(id, SECOND);
  store.delete(id, "revoked");
  trial.expect(
    kept ?? new Uint8Array(),
    FIRST,
    "replacing and deleting a record changes no array that get returned",
  );

  trial.set(id, FIRST);
  const taken = store.take?.(id) ?? FIRST;
  trial.set(id, SECOND);
  trial.expect(taken, FIRST, "what take returned stays as it was");
}

function views(trial: StoreTrial): void {
  const larger = sampleBytes(300, 3);
  const id = larger.subarray(10, 42);
  const record = larger.subarray(100, 250);
  trial.set(id, record);
  const promise = "only the bytes of the view count, not its buffer";
  trial.expect(trial.store.get(id.slice()), record.slice(), promise);
  trial.expect(trial.store.get(id), record.slice(), promise);
}
