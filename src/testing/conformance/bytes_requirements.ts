import {
  sampleBytes,
  type StoreRequirement,
  type StoreTrial,
} from "./trial.ts";

/** Requirements on arrays: neither the store nor its caller sees changes that the other makes. */
export const BYTES_REQUIREMENTS: readonly StoreRequirement[] = [
  { name: "arrays that were handed in can be changed", check: copyingIn },
  { name: "arrays that were handed out can be changed", check: copyingOut },
  { name: "a view of a larger buffer is just its own bytes", check: views },
];

const FIRST = sampleBytes(100, 1);
const SECOND = sampleBytes(120, 2);

/** A subclass whose `slice` makes no copy, as that of Node's Buffer. */
class BufferLike extends Uint8Array {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
  }
}

async function copyingIn(trial: StoreTrial): Promise<void> {
  for (const Bytes of [Uint8Array, BufferLike]) {
    const id = Bytes.from(trial.id);
    const record = Bytes.from(FIRST);
    await trial.set(id, record);
    id.fill(0);
    record.fill(0);
    const requirement = "changing the arrays given to set changes no record";
    trial.expect(await trial.get(trial.id), FIRST, requirement);
  }
}

async function copyingOut(trial: StoreTrial): Promise<void> {
  const { id } = trial;
  await trial.set(id, FIRST.slice());
  (await trial.get(id))?.fill(0);
  const requirement = "changing the array that get returned changes no record";
  trial.expect(await trial.get(id), FIRST, requirement);

  const kept = await trial.get(id);
  await trial.set(id, SECOND.slice());
  await trial.delete(id);
  trial.expect(
    kept ?? new Uint8Array(),
    FIRST,
    "replacing and deleting a record changes no array that get returned",
  );

  await trial.set(id, FIRST.slice());
  const taken = await trial.take(id) ?? FIRST;
  await trial.set(id, SECOND.slice());
  trial.expect(taken, FIRST, "what take returned stays as it was");
}

async function views(trial: StoreTrial): Promise<void> {
  const larger = sampleBytes(300, 3);
  const id = larger.subarray(10, 42);
  const record = larger.subarray(100, 250);
  await trial.set(id, record);
  const requirement = "only the bytes of the view count, not its buffer";
  trial.expect(await trial.get(id.slice()), record.slice(), requirement);
  trial.expect(await trial.get(id), record.slice(), requirement);
}
