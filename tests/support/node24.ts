/**
 * Node.js 24, whose `node:tls` is what ours is compared with.
 *
 * @module
 */
import { describe } from "@std/testing/bdd";
import { installed } from "../runtimes/install.ts";
import { describeWithout } from "./missing_programs.ts";

const program = installed("node24");

/** A suite that runs Node.js 24: skipped where it isn't installed. */
export function describeWithNode24(name: string, tests: () => void): void {
  if (program !== undefined) describe(name, tests);
  else {
    describeWithout(
      { what: "Node.js 24", source: "deno task test:runtimes installs it" },
      name,
      tests,
    );
  }
}

/** What a module's default export returns in Node.js 24 for an argument; both go as JSON. */
export async function inNode24<T>(module: URL, argument: unknown): Promise<T> {
  const script = `
    import run from ${JSON.stringify(module.href)};
    let text = "";
    for await (const chunk of process.stdin) text += chunk;
    process.stdout.write(JSON.stringify(await run(JSON.parse(text))));
  `;
  const child = new Deno.Command(program ?? "node", {
    args: ["--no-warnings", "--input-type=module", "--eval", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(JSON.stringify(argument)));
  await stdin.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Servers that Node.js 24 runs. */
export interface ServersInNode24 {
  /** Where they listen. */
  readonly ports: readonly number[];
  /** Ends them. */
  stop(): Promise<void>;
}

/** Starts what a module's `run` serves: it is told a plan, and says its ports. */
export async function startInNode24(
  module: URL,
  plan: unknown,
): Promise<ServersInNode24> {
  const script = `
    import { run } from ${JSON.stringify(module.href)};
    await run();
  `;
  const child = new Deno.Command(program ?? "node", {
    args: ["--no-warnings", "--input-type=module", "--eval", script],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(JSON.stringify(plan)));
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  return {
    ports: JSON.parse(new TextDecoder().decode(value)),
    stop: async () => {
      await stdin.close();
      await child.status;
      await reader.cancel();
    },
  };
}
