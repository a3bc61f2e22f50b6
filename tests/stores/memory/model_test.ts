import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { MemorySessionStore } from "../../../src/stores/memory.ts";

const TAGS = ["a", "other", "a-longer-tag"];
const LIMITS = { maxEntries: 20, maxBytes: 1_200 };

let clock = Date.UTC(2030, 0, 1);

it("MemorySessionStore agrees with a plain list after thousands of random calls", async () => {
  const store = new MemorySessionStore({ ...LIMITS, now: () => clock });
  const model = new Model();
  const random = randomNumbers(1);
  for (let step = 0; step < 20_000; step++) {
    const n = random(40);
    const id = new Uint8Array(32).fill(n);
    switch (random(7)) {
      case 0:
      case 1: {
        const record = new Uint8Array(random(60)).fill(n);
        const expiresAt = clock + random(100) - 5;
        const tag = TAGS[random(5)];
        const options = { expiresAt: new Date(expiresAt) };
        store.set(
          id,
          record,
          tag === undefined ? options : { ...options, tag },
        );
        model.set({ n, record, expiresAt, tag });
        break;
      }
      case 2:
        assertEquals(store.get(id), model.get(n));
        break;
      case 3:
        assertEquals(store.take(id), model.get(n));
        model.delete(n);
        break;
      case 4: {
        const tag = TAGS[random(3)] ?? "";
        assertEquals(store.revoke({ tag }), model.revoke(tag));
        break;
      }
      case 5: {
        const numbers: (number | undefined)[] = [];
        for await (const entry of store.entries()) numbers.push(entry.id[0]);
        assertEquals(numbers, model.numbers());
        break;
      }
      default:
        clock += random(4);
    }
    assertEquals([store.size, store.bytes], model.sizes());
  }
});

interface Entry {
  n: number;
  record: Uint8Array;
  expiresAt: number;
  tag: string | undefined;
}

/** What the store should do, in the simplest way. */
class Model {
  #entries: Entry[] = [];

  set(entry: Entry): void {
    this.delete(entry.n);
    this.#entries.push(entry);
    for (;;) {
      const [entries, bytes] = this.sizes();
      if (entries <= LIMITS.maxEntries && bytes <= LIMITS.maxBytes) return;
      this.#entries.shift();
    }
  }

  get(n: number): Uint8Array | undefined {
    this.#forgetExpired();
    const found = this.#entries.find((entry) => entry.n === n);
    if (found === undefined) return undefined;
    this.delete(n);
    this.#entries.push(found);
    return found.record;
  }

  delete(n: number): void {
    this.#entries = this.#entries.filter((entry) => entry.n !== n);
  }

  /** Removes what has a tag, and returns how much that was. */
  revoke(tag: string): number {
    this.#forgetExpired();
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => entry.tag !== tag);
    return before - this.#entries.length;
  }

  /** What is there, the least recently used first. */
  numbers(): number[] {
    this.#forgetExpired();
    return this.#entries.map(({ n }) => n);
  }

  /** How many entries and bytes there are. */
  sizes(): [number, number] {
    this.#forgetExpired();
    const lengths = this.#entries.map(({ record, tag = "" }) =>
      32 + record.length + tag.length
    );
    return [lengths.length, lengths.reduce((a, b) => a + b, 0)];
  }

  #forgetExpired(): void {
    this.#entries = this.#entries.filter(({ expiresAt }) => expiresAt > clock);
  }
}

/** A small generator (mulberry32) of whole numbers below a limit. */
function randomNumbers(seed: number): (limit: number) => number {
  return (limit) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}
