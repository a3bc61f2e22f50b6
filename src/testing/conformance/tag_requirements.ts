import { all, gotDuring } from "./concurrency_requirements.ts";
import { pause } from "./trial_time.ts";
import {
  sampleBytes,
  type StoreRequirement,
  type StoreTrial,
} from "./trial.ts";

/** Requirements on tags, with `revoke` and without. */
export const TAG_REQUIREMENTS: readonly StoreRequirement[] = [
  { name: "a record with a tag is as good as any other", check: tagged },
  {
    name: "revoke, where there is one, removes a tag's records",
    check: revoke,
  },
  { name: "revoke removes many records", check: revokeMany },
  { name: "revoke goes by the tag that was set last", check: retagging },
  { name: "revoke gets over records that have gone", check: revokeGone },
  { name: "a record that was revoked can be set again", check: settingAgain },
  { name: "a tag that is empty or too long is refused", check: badTags },
  { name: "revokes and sets can be pending together", check: together },
  { name: "a get during a revoke returns a whole record", check: duringRevoke },
];

const FIRST = sampleBytes(100, 1);
const SECOND = sampleBytes(120, 2);
const TAG = "user:42";
const OTHER_TAG = "user:43";

async function tagged(trial: StoreTrial): Promise<void> {
  const { time, id, store } = trial;
  await trial.set(id, FIRST.slice(), TAG);
  const requirement = "get returns what was set with a tag";
  trial.expect(await trial.get(id), FIRST, requirement);
  if (store.take !== undefined) {
    const taken = "take returns what was set with a tag";
    trial.expect(await trial.take(id), FIRST, taken);
    trial.expectNone(await trial.get(id), "get after take finds nothing");
  }
  await trial.set(id, SECOND.slice(), TAG);
  await trial.delete(id);
  const deleted = "after delete there is no record, of those with a tag too";
  trial.expectNone(await trial.get(id), deleted);
  await time.reach(await trial.setBriefly(id, FIRST.slice(), 50, TAG));
  const expired = "get returns no record with a tag at its expiresAt";
  trial.expectNone(await trial.get(id), expired);
}

async function revoke(trial: StoreTrial): Promise<void> {
  if (trial.store.revoke === undefined) return;
  const ids = [0, 1, 2].map((i) => sampleBytes(32, i));
  const other = sampleBytes(32, 8);
  const untagged = sampleBytes(32, 9);
  for (const id of ids) await trial.set(id, FIRST.slice(), TAG);
  await trial.set(other, FIRST.slice(), OTHER_TAG);
  await trial.set(untagged, SECOND.slice());

  await trial.revoke("nobody", 0);
  for (const id of ids) {
    const requirement = "revoking a tag that no record has removes nothing";
    trial.expect(await trial.get(id), FIRST, requirement);
  }
  for (const most of [3, 0]) {
    await trial.revoke(TAG, most);
    for (const id of ids) {
      const requirement = "after revoke there is no record with the tag";
      trial.expectNone(await trial.get(id), requirement);
      trial.expectNone(await trial.take(id), requirement);
    }
  }
  const survives = "revoke leaves records with another tag alone";
  trial.expect(await trial.get(other), FIRST, survives);
  const requirement = "revoke leaves records without a tag alone";
  trial.expect(await trial.get(untagged), SECOND, requirement);
  await pause(20);
  for (const id of ids) {
    trial.expectNone(await trial.get(id), "a revoked record never comes back");
  }
}

async function revokeMany(trial: StoreTrial): Promise<void> {
  if (trial.store.revoke === undefined) return;
  const ids = Array.from({ length: 63 }, (_, i) => sampleBytes(32, i));
  const other = sampleBytes(32, 63);
  await all(ids, (id) => trial.set(id, FIRST, TAG));
  await trial.set(other, SECOND.slice(), OTHER_TAG);
  await trial.revoke(TAG, ids.length);
  for (const found of await all(ids, (id) => trial.get(id))) {
    trial.expectNone(found, "revoke removes 63 records with one tag");
  }
  const requirement =
    "revoking 63 records leaves the one with another tag alone";
  trial.expect(await trial.get(other), SECOND, requirement);
}

async function retagging(trial: StoreTrial): Promise<void> {
  if (trial.store.revoke === undefined) return;
  const { id } = trial;
  for (const tag of [OTHER_TAG, undefined]) {
    const now = tag === undefined ? "no tag any more" : "another tag by now";
    await trial.set(id, FIRST.slice(), TAG);
    await trial.set(id, SECOND.slice(), tag);
    await trial.revoke(TAG, 1);
    // A store may lose it, but not remember the one before.
    const requirement =
      `revoking its old tag brings no older record back (${now})`;
    trial.expect(await trial.get(id), SECOND, requirement, [undefined]);
    await trial.delete(id);
  }
  for (const tag of [OTHER_TAG, undefined]) {
    await trial.set(id, FIRST.slice(), tag);
    await trial.set(id, SECOND.slice(), TAG);
    await trial.revoke(TAG, 1);
    const requirement =
      "revoke removes a record that was set again with the tag";
    trial.expectNone(await trial.get(id), requirement);
  }
}

async function revokeGone(trial: StoreTrial): Promise<void> {
  if (trial.store.revoke === undefined) return;
  const { time } = trial;
  const [left, deleted, taken, expired] = [
    sampleBytes(32, 7),
    sampleBytes(32, 8),
    sampleBytes(32, 9),
    sampleBytes(32, 10),
  ] as const;
  for (const id of [deleted, taken, left]) {
    await trial.set(id, FIRST.slice(), TAG);
  }
  const expiresAt = await trial.setBriefly(expired, FIRST.slice(), 50, TAG);
  await trial.delete(deleted);
  await trial.take(taken);
  await time.reach(expiresAt);
  await trial.revoke(TAG, 4);
  const requirement = "revoke removes what is left of the records with the tag";
  trial.expectNone(await trial.get(left), requirement);
  for (const id of [deleted, expired]) {
    const requirement =
      "revoke brings no record back that was deleted or expired";
    trial.expectNone(await trial.get(id), requirement);
  }
}

async function settingAgain(trial: StoreTrial): Promise<void> {
  if (trial.store.revoke === undefined) return;
  const { id } = trial;
  for (const tag of [TAG, OTHER_TAG, undefined]) {
    await trial.set(id, FIRST.slice(), TAG);
    await trial.revoke(TAG, 1);
    await trial.set(id, SECOND.slice(), tag);
    const requirement = "set after revoke stores the record";
    trial.expect(await trial.get(id), SECOND, requirement);
    if (tag === undefined) continue;
    await trial.revoke(tag, 1);
    const again = "revoke removes a record that was set after an earlier one";
    trial.expectNone(await trial.get(id), again);
  }
}

async function badTags(trial: StoreTrial): Promise<void> {
  const { store, time } = trial;
  if (store.revoke === undefined) return;
  const expiresAt = new Date(time.now() + 60_000);
  for (
    const [i, tag, what] of [
      [0, "", "empty"],
      [1, "a".repeat(257), "257 letters long"],
      [2, "\u00e9".repeat(128) + "a", "129 letters, but 257 bytes long"],
    ] as const
  ) {
    const id = sampleBytes(32, i);
    const set = await trial.refused(
      "set",
      () => store.set(id, FIRST.slice(), { expiresAt, tag }),
    );
    const requirement = `a record whose tag is ${what} is not kept`;
    trial.expectNone(await trial.get(id), requirement);
    const revoke = await trial.refused(
      "revoke",
      () => store.revoke?.({ tag }),
    );
    for (const [name, refused] of Object.entries({ set, revoke })) {
      const requirement = `${name} refuses a tag that is ${what}`;
      trial.expectTrue(refused, requirement, "it did not fail");
    }
  }
}

async function together(trial: StoreTrial): Promise<void> {
  if (trial.store.revoke === undefined) return;
  const ids = Array.from({ length: 16 }, (_, i) => sampleBytes(32, i));
  await all(ids.slice(8), (id) => trial.set(id, FIRST, TAG));
  await Promise.all([
    trial.revoke(TAG, 16),
    all(ids.slice(0, 8), (id) => trial.set(id, FIRST, TAG)),
    trial.revoke(TAG, 16),
  ]);
  for (const [i, found] of (await all(ids, (id) => trial.get(id))).entries()) {
    const requirement = i < 8
      ? "a set during a revoke leaves a whole record, or none"
      : "revokes at the same time remove the records with the tag";
    trial.expect(found, undefined, requirement, i < 8 ? [FIRST] : []);
  }
  await trial.revoke(TAG, 8);
  for (const found of await all(ids, (id) => trial.get(id))) {
    const requirement = "revoke removes what was set during an earlier one";
    trial.expectNone(found, requirement);
  }
}

async function duringRevoke(trial: StoreTrial): Promise<void> {
  if (trial.store.revoke === undefined) return;
  const { id } = trial;
  await trial.set(id, FIRST.slice(), TAG);
  for (const record of await gotDuring(trial, () => trial.revoke(TAG, 1))) {
    const requirement = "a get during a revoke returns the record or none";
    trial.expect(record, FIRST, requirement, [undefined]);
  }
  const requirement = "a get during a revoke brings no record back";
  trial.expectNone(await trial.get(id), requirement);
}
