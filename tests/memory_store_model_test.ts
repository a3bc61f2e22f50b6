import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { MemorySessionStore } from "../src/stores/memory.ts";

const LIMITS = { maxEntries: 20, maxBytes: 1_200 };

let clock = Date.UTC(2030, 0, 1);

it("MemorySessionStore agrees with a plain list after thousands of random calls", () => {
  const store = new MemorySessionStore({ ...LIMITS, now: () => clock });
  const model = new Model();
  const random = randomNumbers(1);
  for (let step = 0; step < 20_000; step++) {
    const n = random(40);
    const id = new Uint8Array(32).fill(n);
    switch (random(5)) {
      case 0:
      case 1: {
        const record = new Uint8Array(random(60)).fill(n);
        const expiresAt = clock + random(100) - 5;
        store.set(id, record, { expiresAt: new Date(expiresAt) });
        model.set(n, record, expiresAt);
        break;
      }
      case 2:
        assertEquals(store.get(id), model.get(n));
        break;
      case 3:
        assertEquals(store.take(id), model.get(n));
        model.delete(n);
        break;
      default:
        clock += random(4);
    }
    assertEquals([store.size, store.bytes], model.sizes());
  }
});

/** What the store should do, in the simplest way. */
class Model {
  #entries: { n: number; record: Uint8Array; expiresAt: number }[] = [];

  set(n: number, record: Uint8Array, expiresAt: number): void {
    this.delete(n);
    this.#entries.push({ n, record, expiresAt });
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

  /** How many entries and bytes there are. */
  sizes(): [number, number] {
    this.#forgetExpired();
    const lengths = this.#entries.map(({ record }) => 32 + record.length);
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
