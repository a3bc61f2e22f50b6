/**
 * Other people's programs, which the tests run against Sesame.
 *
 * @module
 */
import { describe } from "@std/testing/bdd";
import { describeWithout } from "./missing_programs.ts";

// Longer than a machine that is busy takes for anything.
const DEADLINE_MS = 120_000;

/** How to find out whether a program is there, and how to get it. */
const PROGRAMS = {
  "openssl": { check: ["version"], source: "Debian: apt-get install openssl" },
  "gnutls-cli": {
    check: ["--version"],
    source: "Debian: apt-get install gnutls-bin",
  },
  "curl": { check: ["--version"], source: "Debian: apt-get install curl" },
  "ab": {
    check: ["-V"],
    source: "Debian: apt-get install apache2-utils",
  },
  "tshark": { check: ["--version"], source: "Debian: apt-get install tshark" },
  "xmllint": {
    check: ["--version"],
    source: "Debian: apt-get install libxml2-utils",
  },
  "xz": { check: ["--version"], source: "Debian: apt-get install xz-utils" },
  "chromium": {
    check: ["--version"],
    source: "Debian: apt-get install chromium",
  },
  "firefox-esr": {
    check: ["--version"],
    source: "Debian: apt-get install firefox-esr",
  },
  // Deno answers to the name of `node` where there is none.
  "node": {
    check: ["-e", "process.exit('Deno' in globalThis ? 1 : 0)"],
    source: "install it from https://nodejs.org",
  },
};

/** A program that the tests know how to get. */
export type Program = keyof typeof PROGRAMS;

/** What a program said. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A suite that needs a program: without it the suite is skipped with a word on standard
 * error, but where `CI` is `true` it fails.
 */
export function describeWith(
  program: Program,
  name: string,
  tests: () => void,
): void {
  if (isThere(program)) {
    describe(name, tests);
  } else {
    const { source } = PROGRAMS[program];
    describeWithout({ what: program, source }, name, tests);
  }
}

/**
 * Runs a program to its end. Its standard input gives what is asked for, and stays open
 * as long as the program runs: some leave when it ends, before they have read.
 *
 * @throws {Error} If it hangs.
 */
export async function run(
  program: string,
  args: string[],
  stdin = "",
): Promise<Output> {
  await using child = start(program, args);
  await child.write(stdin);
  const { code } = await child.status;
  if (child.isOverdue) {
    throw new Error(`${program} hangs: ${await child.stdout}`);
  }
  return { code, stdout: await child.stdout, stderr: await child.stderr };
}

/** A program that is running. */
export interface Running extends AsyncDisposable {
  readonly status: Promise<Deno.CommandStatus>;
  /** All that it prints. */
  readonly stdout: Promise<string>;
  readonly stderr: Promise<string>;
  /** Whether it was killed because it took too long. */
  readonly isOverdue: boolean;
  write(text: string): Promise<void>;
  /** Sends it a signal. */
  signal(signal: Deno.Signal): void;
  /** Resolves when a line of its output contains the text: that line. */
  printed(text: string): Promise<string>;
}

/** Starts a program, which is killed when it is disposed of or takes too long. */
export function start(program: string, args: string[]): Running {
  const overdue = AbortSignal.timeout(DEADLINE_MS);
  const child = new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const kill = (): void => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  overdue.addEventListener("abort", kill);
  const stdin = child.stdin.getWriter();
  const output = new Watched(child.stdout);
  const errors = new Watched(child.stderr);
  return {
    status: child.status,
    stdout: output.all,
    stderr: errors.all,
    get isOverdue(): boolean {
      return overdue.aborted;
    },
    async write(text: string): Promise<void> {
      // A program that has ended reads nothing.
      await stdin.write(new TextEncoder().encode(text)).catch(() => {});
    },
    signal: (signal) => child.kill(signal),
    printed: (text) => Promise.any([output.line(text), errors.line(text)]),
    async [Symbol.asyncDispose](): Promise<void> {
      kill();
      await stdin.close().catch(() => {});
      await Promise.all([child.status, output.all, errors.all]);
      overdue.removeEventListener("abort", kill);
    },
  };
}

/** A stream of text that is kept, and watched for lines. */
class Watched {
  readonly all: Promise<string>;
  #text = "";
  #hasEnded = false;
  #onChange = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.all = this.#keep(stream);
  }

  /** The first line that contains a text and has come to its end. */
  async line(text: string): Promise<string> {
    for (;;) {
      const found = this.#text.split("\n").slice(0, -1)
        .find((line) => line.includes(text));
      if (found !== undefined) return found;
      if (this.#hasEnded) throw new Error(`No "${text}" in: ${this.#text}`);
      await this.#onChange.promise;
    }
  }

  async #keep(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<string> {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += chunk;
      this.#change();
    }
    this.#hasEnded = true;
    this.#change();
    return this.#text;
  }

  #change(): void {
    this.#onChange.resolve();
    this.#onChange = Promise.withResolvers();
  }
}

/** Whether a program is there. */
export function isThere(program: Program): boolean {
  try {
    return new Deno.Command(program, {
      args: PROGRAMS[program].check,
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch {
    return false;
  }
}
