import { afterEach, beforeEach } from "@std/testing/bdd";

/** 1 January 2030, when the clock of each test starts. */
const START = Date.UTC(2030, 0, 1);

/** The folder and the clock that each test of a store has to itself. */
export class StorePlace {
  /** The folder. */
  folder = "";
  /** The path of the store in it, which doesn't exist yet. */
  path = "";
  /** The clock, in milliseconds since 1970. */
  clock = START;
  readonly #name: string;

  /** Takes the name of the store in its folder. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Reads the clock. */
  readonly now = (): number => this.clock;

  /** Makes both for each test of a `describe`. */
  forEachTest(): void {
    beforeEach(async () => {
      this.clock = START;
      this.folder = await Deno.makeTempDir({ prefix: "sesame_" });
      this.path = `${this.folder}/${this.#name}`;
    });
    afterEach(() => Deno.remove(this.folder, { recursive: true }));
  }
}
