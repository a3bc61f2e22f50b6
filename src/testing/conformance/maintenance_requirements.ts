import type { SessionEntry } from "../../stores/session_store.ts";
import { all } from "./concurrency_requirements.ts";
import {
  sampleBytes,
  type StoreRequirement,
  type StoreTrial,
} from "./trial.ts";

/** Requirements on `entries` and `purge`. */
export const MAINTENANCE_REQUIREMENTS: readonly StoreRequirement[] = [
  { name: "entries, where there are any, lists what is there", check: entries },
  { name: "entries lists each of many sessions once", check: manyEntries },
  { name: "entries hands no record out", check: noRecords },
  { name: "entries goes on while sessions come and go", check: changing },
  { name: "entries can be left early, and listed twice", check: leaving },
  { name: "purge, where there is one, spares what is alive", check: purging },
];

const FIRST = sampleBytes(100, 1);
const SECOND = sampleBytes(120, 2);
const TAG = "user:\u{1f642}";

async function entries(trial: StoreTrial): Promise<void> {
  const { store, time } = trial;
  if (store.entries === undefined) return;
  const nothing = "entries lists nothing where nothing was set";
  expectIds(trial, await trial.entries(), [], nothing);

  const ids = Array.from({ length: 7 }, (_, i) => sampleBytes(20 + i, i));
  const [plain, tagged, again, deleted, expired, over, taken] = ids;
  if (!plain || !tagged || !again || !deleted || !expired || !over || !taken) {
    return;
  }
  const expiries = [
    await trial.setBriefly(plain, FIRST, 7_200_001),
    await trial.setBriefly(tagged, FIRST, 7_200_002, TAG),
    await trial.setBriefly(again, FIRST, 7_200_003, "user:43"),
  ];
  expiries[2] = await trial.setBriefly(again, SECOND, 7_200_004, TAG);
  for (const id of [deleted, over, taken]) await trial.set(id, FIRST, TAG);
  const soon = await trial.setBriefly(expired, FIRST, 50, TAG);
  await trial.setBriefly(over, SECOND, -1);
  await trial.delete(deleted);
  const left = [plain, tagged, again];
  if (store.take === undefined) left.push(taken);
  else await trial.take(taken);
  await time.reach(soon);

  const found = await trial.entries();
  const requirement = "entries lists what is there, and nothing that has gone";
  expectIds(trial, found, left, requirement);
  const tags = [undefined, TAG, TAG];
  for (const [i, id] of [plain, tagged, again].entries()) {
    const entry = found.find((entry) => isSame(entry.id, id));
    if (entry !== undefined) expectFacts(trial, entry, expiries[i], tags[i]);
  }

  if (store.revoke === undefined) return;
  await trial.revoke(TAG, 6);
  const unlisted = "entries lists nothing that was revoked";
  const kept = left.filter((id) => id === plain);
  expectIds(trial, await trial.entries(), kept, unlisted);
}

async function manyEntries(trial: StoreTrial): Promise<void> {
  if (trial.store.entries === undefined) return;
  const ids = Array.from({ length: 64 }, (_, i) => sampleBytes(32, i));
  await all(ids, (id) => trial.set(id, FIRST));
  const requirement = "entries lists each of 64 sessions once";
  expectIds(trial, await trial.entries(), ids, requirement);
}

async function noRecords(trial: StoreTrial): Promise<void> {
  if (trial.store.entries === undefined) return;
  const { id } = trial;
  await trial.set(id, FIRST.slice(), TAG);
  for (const entry of await trial.entries()) {
    for (const [name, value] of Object.entries(entry)) {
      const requirement = "entries hands no record out";
      const found = `the record is in the entry's ${name}, or its buffer`;
      trial.expectTrue(!holds(value, FIRST), requirement, found);
    }
    entry.id.fill(0);
    entry.expiresAt.setTime(0);
  }
  const requirement = "changing what entries handed out changes no session";
  trial.expect(await trial.get(id), FIRST, requirement);
  expectIds(trial, await trial.entries(), [id], requirement);
}

async function changing(trial: StoreTrial): Promise<void> {
  const { store } = trial;
  if (store.entries === undefined) return;
  const ids = Array.from({ length: 48 }, (_, i) => sampleBytes(32, i));
  const [before, staying, after] = [0, 16, 32].map((i) => ids.slice(i, i + 16));
  if (!before || !staying || !after) return;
  await all([...before, ...staying], (id) => trial.set(id, FIRST));
  const found = await trial.entries(async (count) => {
    if (count > 16) return;
    await trial.delete(before[count - 1] ?? FIRST.slice());
    await trial.get(staying[count - 1] ?? FIRST.slice());
    await trial.set(after[count - 1] ?? FIRST.slice(), SECOND.slice());
  });
  const requirement = "entries lists all that was there from beginning to end";
  const listed = (id: Uint8Array): boolean =>
    found.some((entry) => isSame(entry.id, id));
  const count = staying.filter(listed).length;
  trial.expectTrue(count === 16, requirement, `${count} of 16 were listed`);
  const known = "entries lists only ids that were set";
  for (const { id } of found) {
    const right = ids.some((other) => isSame(id, other));
    trial.expectTrue(right, known, `[${id.join(" ")}] was listed`);
  }
}

async function leaving(trial: StoreTrial): Promise<void> {
  const { store } = trial;
  if (store.entries === undefined) return;
  const ids = Array.from({ length: 6 }, (_, i) => sampleBytes(32, i));
  await all(ids, (id) => trial.set(id, FIRST));
  await trial.settled("entries", async () => {
    for await (const _ of store.entries?.() ?? []) break;
  });
  await trial.set(trial.id, FIRST.slice());
  await trial.delete(trial.id);
  const requirement = "two lists at the same time are both complete";
  const lists = await Promise.all([trial.entries(), trial.entries()]);
  for (const list of lists) expectIds(trial, list, ids, requirement);
}

async function purging(trial: StoreTrial): Promise<void> {
  const { store, time, id } = trial;
  if (store.purge === undefined) return;
  const tagged = sampleBytes(32, 8);
  const expired = [10, 11, 12].map((i) => sampleBytes(32, i));
  await trial.purge(0);
  await trial.set(id, FIRST.slice());
  await trial.set(tagged, SECOND.slice(), TAG);
  await trial.purge(0);
  let last = 0;
  for (const id of expired) {
    last = await trial.setBriefly(id, FIRST, 50, TAG);
  }
  await time.reach(last);
  await trial.purge(3);
  const requirement = "purge leaves what has not expired alone";
  trial.expect(await trial.get(id), FIRST, requirement);
  trial.expect(await trial.get(tagged), SECOND, requirement);
  for (const id of expired) {
    const requirement = "purge brings nothing back that has expired";
    trial.expectNone(await trial.get(id), requirement);
  }
}

function expectIds(
  trial: StoreTrial,
  found: readonly SessionEntry[],
  ids: readonly Uint8Array[],
  requirement: string,
): void {
  for (const id of ids) {
    const { length } = found.filter((entry) => isSame(entry.id, id));
    const times = `[${id.join(" ")}] is ${length} times in the list, not once`;
    trial.expectTrue(length === 1, requirement, times);
  }
  const strangers = found.filter(({ id }) =>
    !ids.some((other) => isSame(id, other))
  );
  const [stranger] = strangers;
  const what = stranger?.id instanceof Uint8Array
    ? `[${stranger.id.join(" ")}]`
    : String(stranger?.id);
  const number = `${strangers.length} ids too many, among them ${what}`;
  trial.expectTrue(strangers.length === 0, requirement, number);
}

function expectFacts(
  trial: StoreTrial,
  entry: SessionEntry,
  expiresAt: number | undefined,
  tag: string | undefined,
): void {
  const time = entry.expiresAt instanceof Date
    ? entry.expiresAt.getTime()
    : entry.expiresAt;
  trial.expectTrue(
    time === expiresAt,
    "entries tells when a session expires, to the millisecond",
    `${expiresAt} expected, ${time} received`,
  );
  trial.expectTrue(
    entry.tag === undefined || entry.tag === tag,
    "entries tells the tag that a session was set with last, or none",
    `${tag} expected, ${entry.tag} received`,
  );
  trial.expectTrue(
    Number.isSafeInteger(entry.size) && entry.size > 0,
    "entries tells a record's size in bytes",
    `${entry.size} received`,
  );
}

function isSame(id: unknown, other: Uint8Array): boolean {
  return id instanceof Uint8Array && id.join() === other.join();
}

/** Whether a value is, or is part of, a buffer with the bytes of a record. */
function holds(value: unknown, record: Uint8Array): boolean {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!(buffer instanceof ArrayBuffer)) return false;
  return `,${new Uint8Array(buffer).join()},`.includes(`,${record.join()},`);
}
