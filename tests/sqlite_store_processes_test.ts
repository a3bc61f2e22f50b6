import { assert, assertEquals } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import { SqliteSessionStore } from "../src/stores/sqlite.ts";
import { checkSessionStore } from "../src/testing/store_conformance.ts";
import { numbered } from "./testdata/numbered_sessions.ts";

let directory = "";
let path = "";

describe("SqliteSessionStore, shared", () => {
  beforeEach(async () => {
    directory = await Deno.makeTempDir({ prefix: "sesame_" });
    path = `${directory}/sessions.db`;
  });

  afterEach(async () => {
    await Deno.remove(directory, { recursive: true });
  });

  describe("keeps the promises of SessionStore over two connections", () => {
    let files = 0;
    const checks = checkSessionStore((now) => {
      const path = `${directory}/${files++}.db`;
      const one = new SqliteSessionStore(path, { now });
      const other = new SqliteSessionStore(path, { now });
      return {
        get: (id) => other.get(id),
        set: (id, record, options) => one.set(id, record, options),
        delete: (id, reason) => one.delete(id, reason),
        take: (id) => other.take(id),
        [Symbol.dispose]: (): void =>
          [one, other].forEach((store) => store.close()),
      };
    });
    for (const { name, run } of checks) it(name, run);
  });

  it("shows each store what the others do", () => {
    const one = new SqliteSessionStore(path);
    const other = new SqliteSessionStore(path);
    const { id, record, expiresAt } = numbered(1);

    one.set(id, record, { expiresAt });
    assertEquals(other.get(id), record);
    other.delete(id, "revoked");
    assertEquals(one.get(id), undefined);

    one.set(id, record, { expiresAt });
    assertEquals(other.take(id), record);
    assertEquals(one.take(id), undefined);
    assertEquals(one.size, 0);
    one.close();
    other.close();
  });

  it("loses nothing when several processes write to a new file", async () => {
    const written = await runAll([
      ["store", 0, 100],
      ["store", 100, 100],
      ["store", 200, 100],
      ["store", 300, 100],
    ]);
    const store = new SqliteSessionStore(path);
    for (const numbers of written) assertEquals(numbers.length, 100);
    for (const n of written.flat()) {
      assertEquals(store.get(numbered(n).id), numbered(n).record);
    }
    assertEquals(store.size, 400);
    store.close();
  });

  it("gives each session to one process of those that take it", async () => {
    const store = new SqliteSessionStore(path);
    const all = Array.from({ length: 300 }, (_, n) => n);
    for (const n of all) {
      const { id, record, expiresAt } = numbered(n);
      store.set(id, record, { expiresAt });
    }
    const taken = await runAll([
      ["take", 0, 300],
      ["take", 0, 300],
      ["take", 0, 300],
      ["take", 0, 300],
    ]);
    assertEquals(taken.flat().sort((a, b) => a - b), all);
    assertEquals(store.size, 0);
    store.close();
  });

  it("makes a file once when several make it at the same moment", async () => {
    const numbers = await runAll([
      ["open", 0, 25],
      ["open", 0, 25],
      ["open", 0, 25],
    ]);
    assertEquals(numbers.map(({ length }) => length), [25, 25, 25]);
  });

  it("keeps what was stored when a process is killed while it writes", async () => {
    for (let round = 0; round < 4; round++) {
      const first = round * 1_000_000;
      const writer = await WorkerProcess.start("store", first, 1_000_000);
      await writer.begin(0);
      const stored = await writer.numbers(100 + round * 37);
      writer.kill();
      stored.push(...await writer.numbers());
      assertEquals((await writer.status()).signal, "SIGKILL");

      checkIntegrity();
      const store = new SqliteSessionStore(path);
      for (const n of stored) {
        assertEquals(store.get(numbered(n).id), numbered(n).record);
      }
      const { id, record, expiresAt } = numbered(first + 999_999);
      store.set(id, record, { expiresAt });
      assertEquals(store.get(id), record);
      store.close();
    }
  });
});

type Task = "store" | "take" | "open";

/** A process that runs `testdata/sqlite_worker.ts`. */
class WorkerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#lines = linesOf(child.stdout);
  }

  /** Resolves once it is ready to go. */
  static async start(
    task: Task,
    first: number,
    count: number,
  ): Promise<WorkerProcess> {
    const script = new URL("testdata/sqlite_worker.ts", import.meta.url);
    const args = ["run", "-A", "--no-lock", script.href, task, path];
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, String(first), String(count)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const worker = new WorkerProcess(child);
    assertEquals((await worker.#lines.next()).value, "ready");
    return worker;
  }

  /** Has it begin at `time`, in milliseconds since the epoch. */
  async begin(time: number): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${time}`));
    await writer.close();
  }

  /** The next numbers that it prints, fewer if it ends before. */
  async numbers(count = Infinity): Promise<number[]> {
    const numbers: number[] = [];
    while (numbers.length < count) {
      const line = await this.#lines.next();
      if (line.done) break;
      numbers.push(Number(line.value));
    }
    return numbers;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    // A line that a killed process did not finish is none.
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Runs processes at the same time; returns the numbers that each printed. */
async function runAll(
  tasks: [task: Task, first: number, count: number][],
): Promise<number[][]> {
  const workers = await Promise.all(
    tasks.map((task) => WorkerProcess.start(...task)),
  );
  const soon = Date.now() + 50;
  await Promise.all(workers.map((worker) => worker.begin(soon)));
  return await Promise.all(workers.map(async (worker) => {
    const numbers = await worker.numbers();
    assert((await worker.status()).success);
    return numbers;
  }));
}

function checkIntegrity(): void {
  const database = new DatabaseSync(path);
  const rows = database.prepare("PRAGMA integrity_check").all();
  database.close();
  assertEquals(rows.map((row) => ({ ...row })), [{ integrity_check: "ok" }]);
}
