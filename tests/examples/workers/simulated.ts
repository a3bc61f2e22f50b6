import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "./jsonc.ts";
import type { SimulatorSettings } from "./simulator.ts";

const SIMULATOR = fileURLToPath(new URL("simulator.ts", import.meta.url));
const DEADLINE_MS = 30_000;

/** What it takes to run examples in the simulator. */
export interface Simulation {
  /** Node.js 24, which takes TypeScript. */
  readonly node: string;
  /** The simulator's module. */
  readonly miniflare: string;
  /** The folder of an example's own, by its name: what Wrangler made, and its configuration. */
  folderOf(example: string): string;
}

/** An example that runs in a workerd of its own, until it is disposed of. */
export class SimulatedWorker implements AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<void>;

  private constructor(
    child: Deno.ChildProcess,
    url: string,
    output: Promise<void>,
  ) {
    this.#child = child;
    this.url = url;
    this.#output = output;
  }

  /** Starts it. What its Durable Objects keep is there when it is started again. */
  static async start(
    { node, miniflare, folderOf }: Simulation,
    example: string,
    bindings: Readonly<Record<string, string>>,
  ): Promise<SimulatedWorker> {
    const folder = folderOf(example);
    const settings: SimulatorSettings = {
      miniflare,
      folder,
      config: parse(await Deno.readTextFile(join(folder, "wrangler.jsonc"))),
      bindings,
      objects: join(folder, "objects"),
    };
    const child = new Deno.Command(node, {
      args: ["--no-warnings", SIMULATOR, JSON.stringify(settings)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    const reader = lines.getReader();
    const tooLate = setTimeout(() => child.kill(), DEADLINE_MS);
    const { value = "" } = await reader.read();
    clearTimeout(tooLate);
    if (!value.startsWith("http:")) {
      await child.stdin.close().catch(() => {});
      throw new Error(`The simulator doesn't start: ${value}`);
    }
    const output = (async () => {
      while (!(await reader.read()).done);
    })();
    return new SimulatedWorker(child, value.trim(), output);
  }

  /** Sends it a request. */
  fetch(path = "", init: RequestInit = {}): Promise<Response> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    return fetch(new URL(path, this.url), { signal, ...init });
  }

  /** What it answers, unless that is an error. */
  async json(path = ""): Promise<unknown> {
    const response = await this.fetch(path);
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    return JSON.parse(text);
  }

  /** The processor time that workerd has taken so far, all threads, in milliseconds. */
  async cpuMs(): Promise<number> {
    const { pid } = this.#child;
    let ns = 0;
    for (const child of (await childrenOf(pid))) {
      for await (const { name } of Deno.readDir(`/proc/${child}/task`)) {
        const path = `/proc/${child}/task/${name}/schedstat`;
        // A thread may end meanwhile.
        const text = await Deno.readTextFile(path).catch(() => "0");
        ns += Number(text.split(" ")[0]);
      }
    }
    return ns / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    const tooLate = setTimeout(() => this.#child.kill(), DEADLINE_MS);
    await Promise.all([this.#child.status, this.#output]);
    clearTimeout(tooLate);
  }
}

/** The processes that any thread of a process has started. */
async function childrenOf(pid: number): Promise<string[]> {
  const children: string[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const path = `/proc/${pid}/task/${name}/children`;
    const text = await Deno.readTextFile(path);
    children.push(...text.split(" ").filter((child) => child !== ""));
  }
  return children;
}
