/** A folder outside the checkout, where the package comes from a registry. */
import { join } from "node:path";
import { LONG_MS, type Report, run } from "../runtimes/command.ts";
import type { Registry } from "./registry.ts";

/** Who uses the package. */
export interface Consumer extends AsyncDisposable {
  /** The folder. What is run runs in it. */
  readonly folder: string;
  /** Writes a file into the folder. */
  write(name: string, text: string): Promise<void>;
  /** Runs `deno` to its end, with a cache of its own: what it printed. */
  deno(...args: string[]): Promise<Report>;
  /** Runs a program to its end, with more in its environment: what it printed. */
  run(
    program: string,
    args: string[],
    env?: Record<string, string>,
  ): Promise<Report>;
  /** Starts a program. */
  spawn(program: string, args: string[]): Deno.ChildProcess;
}

/** One with an empty cache and no configuration but an empty `deno.json`. */
export async function makeConsumer(registry: Registry): Promise<Consumer> {
  const folder = await Deno.makeTempDir({ prefix: "sesame-" });
  const env = {
    JSR_URL: registry.url,
    DENO_DIR: join(folder, ".deno"),
    DENO_INSTALL_ROOT: join(folder, ".installed"),
    NO_COLOR: "1",
  };
  const consumer: Consumer = {
    folder,
    write: (name, text) => Deno.writeTextFile(join(folder, name), text),
    deno: (...args) =>
      run(Deno.execPath(), args, { env, cwd: folder, timeout: LONG_MS }),
    run: (program, args, more) =>
      run(program, args, {
        env: { ...env, ...more },
        cwd: folder,
        timeout: LONG_MS,
      }),
    spawn: (program, args) =>
      new Deno.Command(program, {
        args,
        cwd: folder,
        env,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
  await consumer.write("deno.json", "{}");
  await consumer.deno("add", "--quiet", "jsr:@sesame/tls");
  return consumer;
}
