import type { RemovalReason } from "../../stores/session_store.ts";
import { BYTES_REQUIREMENTS } from "./bytes_requirements.ts";
import { CONCURRENCY_REQUIREMENTS } from "./concurrency_requirements.ts";
import { SIGNAL_REQUIREMENTS } from "./signal_requirements.ts";
import { TAG_ENCODING_REQUIREMENTS } from "./tag_encoding_requirements.ts";
import { TAG_REQUIREMENTS } from "./tag_requirements.ts";
import {
  sampleBytes,
  type StoreRequirement,
  type StoreTrial,
} from "./trial.ts";
import { MAINTENANCE_REQUIREMENTS } from "./maintenance_requirements.ts";

/** All requirements of the `SessionStore` contract. */
export const STORE_REQUIREMENTS: readonly StoreRequirement[] = [
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
  ...BYTES_REQUIREMENTS,
  ...CONCURRENCY_REQUIREMENTS,
  ...SIGNAL_REQUIREMENTS,
  ...TAG_REQUIREMENTS,
  ...TAG_ENCODING_REQUIREMENTS,
  ...MAINTENANCE_REQUIREMENTS,
];

const REASONS: readonly RemovalReason[] = [
  "expired",
  "evicted",
  "fatal",
  "unclean",
  "consumed",
  "context-closed",
  "damaged",
  "revoked",
];

const FIRST = sampleBytes(100, 1);
const SECOND = sampleBytes(120, 2);

async function neverSet(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  trial.expectNone(await trial.get(id), "get knows only what was set");
  trial.expectNone(await trial.take(id), "take knows only what was set");
  await trial.delete(id);
}

async function roundTrip(trial: StoreTrial): Promise<void> {
  for (const length of [1, 256, 16_384]) {
    const record = sampleBytes(length, length);
    await trial.set(trial.id, record);
    for (const time of ["first", "second"]) {
      const found = await trial.get(trial.id);
      trial.expect(found, record, `the ${time} get returns what was set`);
    }
  }
}

async function ids(trial: StoreTrial): Promise<void> {
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
  for (const [i, id] of similar.entries()) {
    await trial.set(id, sampleBytes(9, i));
  }
  for (const [i, id] of similar.entries()) {
    const requirement = `the record of id [${id.join(" ")}] is its own`;
    trial.expect(await trial.get(id), sampleBytes(9, i), requirement);
  }
}

async function many(trial: StoreTrial): Promise<void> {
  const numbers = Array.from({ length: 64 }, (_, i) => i);
  for (const i of numbers) {
    await trial.set(sampleBytes(32, i), sampleBytes(90, i));
  }
  for (const i of numbers) {
    const found = await trial.get(sampleBytes(32, i));
    trial.expect(found, sampleBytes(90, i), "64 records have room");
  }
}

async function replacing(trial: StoreTrial): Promise<void> {
  const { time, id } = trial;
  await trial.set(id, FIRST.slice());
  await trial.set(id, SECOND.slice());
  trial.expect(await trial.get(id), SECOND, "get returns what was set last");

  const soon = await trial.setBriefly(id, FIRST, 50);
  await trial.set(id, SECOND.slice());
  await time.reach(soon);
  trial.expect(await trial.get(id), SECOND, "a later set extends the lifetime");

  await time.reach(await trial.setBriefly(id, FIRST, 50));
  trial.expectNone(await trial.get(id), "a later set shortens the lifetime");
}

async function deleting(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  for (const reason of REASONS) {
    await trial.set(id, FIRST.slice());
    await trial.delete(id, reason);
    const requirement = `after delete for "${reason}" there is no record`;
    trial.expectNone(await trial.get(id), requirement);
    trial.expectNone(await trial.take(id), requirement);
  }
}

async function deletingOthers(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  const other = sampleBytes(32, 8);
  await trial.set(id, FIRST.slice());
  await trial.set(other, SECOND.slice());
  await trial.delete(id, "fatal");
  await trial.delete(id, "fatal");
  const found = await trial.get(other);
  trial.expect(found, SECOND, "delete removes just one record");
}

async function taking(trial: StoreTrial): Promise<void> {
  const { store, id } = trial;
  if (store.take === undefined) return;
  const other = sampleBytes(32, 8);
  await trial.set(id, FIRST.slice());
  await trial.set(other, SECOND.slice());
  trial.expect(await trial.take(id), FIRST, "take returns the record");
  trial.expectNone(await trial.take(id), "a second take finds nothing");
  trial.expectNone(await trial.get(id), "get after take finds nothing");
  trial.expect(await trial.get(other), SECOND, "take removes just one record");
}

async function settingAgain(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  await trial.set(id, FIRST.slice());
  await trial.delete(id);
  await trial.set(id, SECOND.slice());
  const found = await trial.get(id);
  trial.expect(found, SECOND, "set after delete stores the record");
}

async function expiry(trial: StoreTrial): Promise<void> {
  const { time, id } = trial;
  const taken = sampleBytes(32, 8);
  const takenLater = sampleBytes(32, 9);
  await trial.setBriefly(taken, FIRST, 50);
  await trial.setBriefly(takenLater, FIRST, 50);
  const expiresAt = await trial.setBriefly(id, FIRST, 50);
  if (time.exact) {
    await time.reach(expiresAt - 1);
    const requirement = "get returns a record until it expires";
    trial.expect(await trial.get(id), FIRST, requirement);
  }
  for (
    const [instant, id2, when] of [
      [expiresAt, taken, "at its expiresAt"],
      [expiresAt + 1, takenLater, "that has expired"],
    ] as const
  ) {
    await time.reach(instant);
    trial.expectNone(await trial.get(id), `get returns no record ${when}`);
    trial.expectNone(await trial.take(id2), `take returns no record ${when}`);
  }
}

async function expired(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  for (const lifetime of [0, -1, -1_000_000]) {
    await trial.set(id, FIRST.slice());
    await trial.setBriefly(id, SECOND, lifetime);
    const requirement = `with ${lifetime} ms to live there is no record`;
    trial.expectNone(await trial.get(id), requirement);
  }
}

async function invalidExpiry(trial: StoreTrial): Promise<void> {
  const { store, id } = trial;
  const expiresAt = new Date(NaN);
  const refused = await trial.refused(
    "set",
    () => store.set(id, FIRST.slice(), { expiresAt }),
  );
  const requirement = "a record whose expiresAt is an invalid date is not kept";
  trial.expectNone(await trial.get(id), requirement);
  const refusal = "set refuses an expiresAt that is an invalid date";
  trial.expectTrue(refused, refusal, "it did not fail");
}
