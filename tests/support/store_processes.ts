import { assert, assertEquals } from "@std/assert";

/** The script in `testdata`, its task, the store's path, the first number, how many. */
type WorkerArguments = [
  script: string,
  task: "store" | "take" | "replace" | "open",
  path: string,
  first: number,
  count: number,
];

/** A process that works on a shared store, as `testdata/store_work.ts` says. */
export class WorkerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#lines = linesOf(child.stdout);
  }

  /** Resolves once it is ready to go. */
  static async start(
    ...[script, task, path, first, count]: WorkerArguments
  ): Promise<WorkerProcess> {
    const url = new URL(`../testdata/${script}`, import.meta.url);
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-lock", "--unstable-kv", url.href],
        ...[task, path, String(first), String(count)],
      ],
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

  /** Kills it at once, and returns what it had printed until then. */
  async kill(): Promise<number[]> {
    this.#child.kill("SIGKILL");
    const numbers = await this.numbers();
    assertEquals((await this.status()).signal, "SIGKILL");
    return numbers;
  }

  status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }
}

/** Runs processes at the same time; returns the numbers that each printed. */
export async function runAll(tasks: WorkerArguments[]): Promise<number[][]> {
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
