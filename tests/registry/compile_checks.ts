/**
 * What must hold for those who compile a program that uses the package.
 *
 * What Deno appends the program to comes from Deno's own site. Where that can't be
 * reached, it is looked at what is appended, and nothing is run.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Checks, expectText } from "./checks.ts";
import { visit } from "./cli_checks.ts";
import type { Consumer } from "./consumer.ts";
import { FIRST_EXAMPLE } from "./library_checks.ts";

const MODULE = new URL("../../wasm/openssl.wasm", import.meta.url);
/** For where there is no cache, and nothing can be fetched. */
const ALONE = { JSR_URL: "http://127.0.0.1:1/", DENO_DIR: "none" };

/** The checks. They come after those of the library and of the command line. */
export const COMPILE_CHECKS: Checks = {
  "deno compile embeds the module": async (consumer) => {
    const args = ["--allow-net=localhost", "first.ts"];
    const { program, runs } = await compile(consumer, args);
    const compiled = await readFile(program);
    if (!compiled.includes(await readFile(MODULE))) {
      throw new Error("It isn't embedded");
    }
    if (!runs) return;
    expectText((await consumer.run(program, [], ALONE)).text, FIRST_EXAMPLE);
  },
  "deno compile embeds the workers of the command line": async (consumer) => {
    const cli = "jsr:@sesame/tls/cli";
    const args = ["-A", "--unstable-net", "--unstable-kv", cli];
    const { program, runs } = await compile(consumer, args);
    const compiled = await readFile(program);
    if (!compiled.includes("/src/cli/serve/worker.ts")) {
      throw new Error("They aren't embedded");
    }
    if (runs && Deno.build.os === "linux") {
      await visit(consumer, [program], ["--workers", "2", "--store", "memory"]);
    }
  },
};

async function compile(
  consumer: Consumer,
  args: string[],
): Promise<{ program: string; runs: boolean }> {
  const program = join(consumer.folder, "compiled");
  const compiling = (env: Record<string, string>) =>
    consumer.run(Deno.execPath(), [
      "compile",
      "--quiet",
      "--no-check",
      `--output=${program}`,
      ...args,
    ], env);
  try {
    await compiling({});
    return { program, runs: true };
  } catch (error) {
    if (!String(error).includes("denort")) throw error;
    await compiling({ DENORT_BIN: Deno.execPath() });
    console.log("Looked at and not run: Deno's denort can't be had here");
    return { program, runs: false };
  }
}
