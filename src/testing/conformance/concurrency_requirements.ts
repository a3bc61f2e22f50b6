import { pause } from "./trial_time.ts";
import {
  sampleBytes,
  type StoreRequirement,
  type StoreTrial,
} from "./trial.ts";

/** Requirements on concurrent calls. */
export const CONCURRENCY_REQUIREMENTS: readonly StoreRequirement[] = [
  { name: "what has settled stays so", check: staying },
  { name: "many calls can be pending at the same time", check: together },
  { name: "of takes at the same time, one gets the record", check: takes },
  { name: "of sets at the same time, one is the last", check: sets },
  { name: "a get during a set returns a whole record", check: duringSet },
  { name: "a get during a delete returns a whole record", check: duringDelete },
  { name: "gets at the same time have arrays of their own", check: gets },
];

const FIRST = sampleBytes(100, 1);
const SECOND = sampleBytes(120, 2);

async function staying(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  const replaced = sampleBytes(32, 8);
  const taken = sampleBytes(32, 9);
  await trial.set(id, FIRST.slice());
  await trial.delete(id);
  await trial.set(replaced, FIRST.slice());
  await trial.set(replaced, SECOND.slice());
  if (trial.store.take !== undefined) {
    await trial.set(taken, FIRST.slice());
    await trial.take(taken);
  }
  await pause(20);
  trial.expectNone(await trial.get(id), "a deleted record never comes back");
  trial.expectNone(await trial.get(taken), "a taken record never comes back");
  const found = await trial.get(replaced);
  trial.expect(found, SECOND, "a replaced record never comes back");
}

async function together(trial: StoreTrial): Promise<void> {
  const numbers = Array.from({ length: 64 }, (_, i) => i);
  const ids = numbers.map((i) => sampleBytes(32, i));
  const records = numbers.map((i) => sampleBytes(90, i));
  await all(
    numbers,
    (i) => trial.set(ids[i] ?? FIRST.slice(), records[i] ?? FIRST),
  );
  const found = await all(ids, (id) => trial.get(id));
  for (const i of numbers) {
    const requirement =
      "64 records can be set, and looked up, at the same time";
    trial.expect(found[i], records[i], requirement);
  }
  await all(ids.slice(1), (id) => trial.delete(id));
  const left = await all(ids, (id) => trial.get(id));
  const requirement = "63 records can be deleted at the same time";
  trial.expectOnce(left, records[0] ?? FIRST, requirement);
}

async function takes(trial: StoreTrial): Promise<void> {
  if (trial.store.take === undefined) return;
  const ids = [trial.id, sampleBytes(32, 8)];
  for (const id of ids) await trial.set(id, FIRST.slice());
  const eight = ids.flatMap((id) => Array.from({ length: 8 }, () => id));
  const taken = await all(eight, (id) => trial.take(id));
  for (const [i, id] of ids.entries()) {
    const requirement = "one of 8 takes at the same time gets the record";
    trial.expectOnce(taken.slice(i * 8, i * 8 + 8), FIRST, requirement);
    const after = "there is no record after takes at the same time";
    trial.expectNone(await trial.get(id), after);
  }
}

async function sets(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  await all([FIRST, SECOND], (record) => trial.set(id, record));
  const found = await trial.get(id);
  const requirement = "one of two sets at the same time is the last";
  trial.expect(found, FIRST, requirement, [SECOND]);
  await pause(5);
  trial.expect(await trial.get(id), found, "what was set last stays so");
}

async function duringSet(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  await trial.set(id, FIRST.slice());
  const found = await gotDuring(trial, () => trial.set(id, SECOND.slice()));
  for (const record of found) {
    const requirement = "a get during a set returns one record or the other";
    trial.expect(record, FIRST, requirement, [SECOND]);
  }
  const requirement = "a get during a set changes nothing";
  trial.expect(await trial.get(id), SECOND, requirement);
}

async function duringDelete(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  await trial.set(id, FIRST.slice());
  const found = await gotDuring(trial, () => trial.delete(id));
  for (const record of found) {
    const requirement = "a get during a delete returns the record or none";
    trial.expect(record, FIRST, requirement, [undefined]);
  }
  const requirement = "a get during a delete brings no record back";
  trial.expectNone(await trial.get(id), requirement);
}

async function gets(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  await trial.set(id, FIRST.slice());
  const [one, other] = await Promise.all([trial.get(id), trial.get(id)]);
  trial.expect(one, FIRST, "two gets at the same time return the record");
  one?.fill(0);
  const requirement =
    "changing what one get returned changes no other's answer";
  trial.expect(other, FIRST, requirement);
}

/** Makes the same call of all `items` at once. */
export function all<T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
): Promise<R[]> {
  return Promise.all(items.map(call));
}

/** What gets return that begin just before a call, or before it has settled. */
export async function gotDuring(
  trial: StoreTrial,
  call: () => Promise<void>,
): Promise<(Uint8Array | undefined)[]> {
  let pending = true;
  const getting = async (): Promise<(Uint8Array | undefined)[]> => {
    const found: (Uint8Array | undefined)[] = [];
    do {
      found.push(await trial.get(trial.id));
      await pause(0);
    } while (pending);
    return found;
  };
  const [before, , during] = await Promise.all([
    trial.get(trial.id),
    call().finally(() => pending = false),
    getting(),
  ]);
  return [before, ...during];
}
