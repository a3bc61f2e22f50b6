import type { MaybePromise } from "../../stores/session_store.ts";
import {
  ABORT_TIMES,
  sampleBytes,
  type StoreRequirement,
  type StoreTrial,
} from "./trial.ts";

/** Requirements on calls whose signal is aborted. */
export const SIGNAL_REQUIREMENTS: readonly StoreRequirement[] = [
  { name: "calls need no signal", check: noSignal },
  { name: "an aborted get changes nothing", check: abortedGet },
  { name: "an aborted set leaves a whole record, or none", check: abortedSet },
  { name: "an aborted take gives no record twice", check: abortedTake },
  { name: "a signal means nothing after the answer", check: abortedLate },
];

const FIRST = sampleBytes(100, 1);
const SECOND = sampleBytes(120, 2);

async function noSignal(trial: StoreTrial): Promise<void> {
  const { store, time, id } = trial;
  const expiresAt = new Date(time.now() + 60_000);
  await trial.settled("set", () => store.set(id, FIRST.slice(), { expiresAt }));
  const found = await trial.settled("get", () => store.get(id));
  trial.expect(found, FIRST, "get without options returns the record");
  if (store.take === undefined) return;
  const taken = await trial.settled("take", () => store.take?.(id));
  trial.expect(taken, FIRST, "take without options returns the record");
}

async function abortedGet(trial: StoreTrial): Promise<void> {
  const { store, id } = trial;
  await trial.set(id, FIRST.slice());
  for (const time of ABORT_TIMES) {
    const get = (signal: AbortSignal): MaybePromise<Uint8Array | undefined> =>
      store.get(id, { signal });
    const result = await trial.aborted(time, "get", get);
    const found = result.status === "fulfilled" ? result.value : undefined;
    const requirement = "an aborted get returns the record or none, or fails";
    trial.expect(found, FIRST, requirement, [undefined]);
    const after = `the record is there after a get aborted ${time} the call`;
    trial.expect(await trial.get(id), FIRST, after);
  }
}

async function abortedSet(trial: StoreTrial): Promise<void> {
  const { store } = trial;
  for (const [i, time] of ABORT_TIMES.entries()) {
    const id = sampleBytes(32, i);
    const expiresAt = new Date(trial.time.now() + 60_000);
    await trial.set(id, FIRST.slice());
    const set = (signal: AbortSignal): MaybePromise<void> =>
      store.set(id, SECOND.slice(), { expiresAt, signal });
    const { status } = await trial.aborted(time, "set", set);
    const found = await trial.get(id);
    if (status === "fulfilled") {
      const requirement = `a set aborted ${time} the call stores, or fails`;
      trial.expect(found, SECOND, requirement);
    } else {
      const requirement =
        `a set aborted ${time} the call leaves a whole record`;
      trial.expect(found, FIRST, requirement, [SECOND, undefined]);
    }
  }
  const requirement = "other records can be set after an aborted set";
  await trial.set(trial.id, FIRST.slice());
  trial.expect(await trial.get(trial.id), FIRST, requirement);
}

async function abortedTake(trial: StoreTrial): Promise<void> {
  const { store, id } = trial;
  if (store.take === undefined) return;
  for (const time of ABORT_TIMES) {
    await trial.set(id, FIRST.slice());
    const take = (signal: AbortSignal): MaybePromise<Uint8Array | undefined> =>
      store.take?.(id, { signal });
    const result = await trial.aborted(time, "take", take);
    const found = result.status === "fulfilled" ? result.value : undefined;
    const requirement = "an aborted take returns the record or none, or fails";
    trial.expect(found, FIRST, requirement, [undefined]);

    const next = await trial.take(id);
    const others = found === undefined ? [FIRST] : [];
    const once = `a take aborted ${time} the call gives no record twice`;
    trial.expect(next, undefined, once, others);
    trial.expectNone(await trial.get(id), "get after take finds nothing");
  }
}

async function abortedLate(trial: StoreTrial): Promise<void> {
  const { store, id } = trial;
  const controller = new AbortController();
  const { signal } = controller;
  const expiresAt = new Date(trial.time.now() + 60_000);
  const taken = sampleBytes(32, 8);
  await trial.set(taken, FIRST.slice());
  await trial.settled(
    "set",
    () => store.set(id, FIRST.slice(), { expiresAt, signal }),
  );
  const found = await trial.settled("get", () => store.get(id, { signal }));
  await trial.settled("take", () => store.take?.(taken, { signal }));
  controller.abort();

  const requirement = "a signal aborted after the answer changes nothing";
  trial.expect(found, FIRST, requirement);
  trial.expect(await trial.get(id), FIRST, requirement);
  if (store.take) trial.expectNone(await trial.get(taken), requirement);
}
