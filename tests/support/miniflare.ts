/**
 * A worker of the tests' own in workerd, with Workers KV and Durable Objects:
 * Cloudflare's simulator, in Node.js.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installSimulator, type Simulator } from "../runtimes/install.ts";
import type {
  Call,
  CallReply,
  Command,
  StoreChoice,
} from "../testdata/cloudflare_commands.ts";
import { describeWithout } from "./missing_programs.ts";
import { describeWith } from "./programs.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DEADLINE_MS = 60_000;

/**
 * A suite that needs the simulator, and Node.js 20 or later: without them it is
 * skipped with a word on standard error, but where `CI` is `true` it fails.
 */
export async function describeWithMiniflare(
  name: string,
  tests: (simulator: Simulator) => void,
): Promise<void> {
  const simulator = await installSimulator();
  if (simulator !== undefined) {
    describeWith("node", name, () => tests(simulator));
  } else {
    const source = "comes from npm: install Node.js with npm, on Linux";
    describeWithout({ what: "miniflare", source }, name, () => {});
  }
}

/** The simulator while it runs. What was stored outlives it, in its folder. */
export class Cloudflare implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: Output;
  readonly #url: string;

  private constructor(child: Deno.ChildProcess, output: Output, url: string) {
    this.#child = child;
    this.#output = output;
    this.#url = url;
  }

  /** Makes one file of the worker, and of the program that serves it. */
  static async bundle(
    { esbuild }: Simulator,
    folder: string,
  ): Promise<void> {
    const { success, stderr } = await new Deno.Command(esbuild, {
      args: [
        join(ROOT, "tests/testdata/cloudflare_worker.ts"),
        join(ROOT, "tests/testdata/cloudflare_simulator.ts"),
        "--bundle",
        "--format=esm",
        "--log-level=warning",
        "--external:node:*",
        "--external:*.wasm",
        "--out-extension:.js=.mjs",
        `--outdir=${folder}`,
      ],
      env: { NO_COLOR: "1" },
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const wasm = join(ROOT, "wasm/openssl.wasm");
    await Deno.copyFile(wasm, join(folder, "openssl.wasm"));
  }

  /** Starts it on what `bundle` left in a folder. */
  static async start(
    { miniflare }: Simulator,
    folder: string,
  ): Promise<Cloudflare> {
    const settings = {
      miniflare,
      worker: join(folder, "cloudflare_worker.mjs"),
      wasm: join(folder, "openssl.wasm"),
      folder,
    };
    const child = new Deno.Command("node", {
      args: [
        join(folder, "cloudflare_simulator.mjs"),
        JSON.stringify(settings),
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output = new Output(child.stdout);
    const tooLate = setTimeout(() => child.kill(), DEADLINE_MS);
    const url = await output.firstLine;
    clearTimeout(tooLate);
    if (url.startsWith("http:")) return new Cloudflare(child, output, url);
    await child.stdin.close().catch(() => {});
    await child.status;
    throw new Error(`The simulator doesn't start: ${url}`);
  }

  /** Has the worker do something. */
  async tell<T>(command: Command): Promise<T> {
    const response = await this.fetch("", {
      method: "POST",
      body: JSON.stringify(command),
    });
    const text = await response.text();
    assertEquals(response.status, 200, text);
    return JSON.parse(text);
  }

  /** Has the worker call a store. */
  call(store: StoreChoice, call: Call): Promise<CallReply> {
    return this.tell({ command: "call", store, ...call });
  }

  /** Sends a request to the worker. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    return fetch(new URL(path, this.#url), { signal, ...init });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    const tooLate = setTimeout(() => this.#child.kill(), DEADLINE_MS);
    await Promise.all([this.#child.status, this.#output.ended]);
    clearTimeout(tooLate);
  }
}

/** What a program prints, read to its end so that it is never held up. */
class Output {
  /** What it printed first, unless it ended before. */
  readonly firstLine: Promise<string>;
  readonly ended: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.firstLine = promise;
    this.ended = this.#read(stream, resolve);
  }

  async #read(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    found: (line: string) => void,
  ): Promise<void> {
    let text = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("\n")) found(text.slice(0, text.indexOf("\n")));
    }
    found(text);
  }
}
