/** What must hold for those who import the package. */
import { join } from "node:path";
import type { Consumer } from "./consumer.ts";
import { readmeExamples } from "./readme.ts";
import { type Checks, expectText } from "./checks.ts";
import config from "../../deno.json" with { type: "json" };

const SUBPATHS = Object.keys(config.exports).map((path) =>
  `@sesame/tls${path.slice(1)}`
);
/** What README's first example prints. */
export const FIRST_EXAMPLE = "hello\nTLSv1.3 2\n";

/** The checks. The first makes what the others build on: a cache and a lock file. */
export const LIBRARY_CHECKS: Checks = {
  "README's first example": async (consumer) => {
    const [first] = await readmeExamples();
    await consumer.write("first.ts", first?.code ?? "");
    expectText(await runFirst(consumer), FIRST_EXAMPLE);
  },
  "… with --cached-only, and nothing is asked": async (consumer, registry) => {
    const before = registry.requests.length;
    expectText(await runFirst(consumer, "--cached-only"), FIRST_EXAMPLE);
    expectText(`${registry.requests.length - before} requests`, "0 requests");
  },
  "… with --frozen and a lock file": async (consumer) => {
    const lock = await Deno.readTextFile(join(consumer.folder, "deno.lock"));
    if (!lock.includes('"@sesame/tls@')) throw new Error(`It is ${lock}`);
    expectText(await runFirst(consumer, "--frozen"), FIRST_EXAMPLE);
  },
  "… and loads a few files, none of the sources": async (
    consumer,
    registry,
  ) => {
    const before = registry.requests.length;
    const args = ["run", "--quiet", "--no-lock", "--allow-net=localhost"];
    const cache = { DENO_DIR: join(consumer.folder, ".empty") };
    await consumer.run(Deno.execPath(), [...args, "first.ts"], cache);
    const requests = registry.requests.slice(before);
    const files = requests.filter((request) => !request.endsWith(".json"));
    if (
      files.length > 24 ||
      files.some((file) => file.includes("/src/") && file.endsWith(".ts"))
    ) {
      throw new Error(`It asks ${files.join("\n")}`);
    }
  },
  "README's other examples, without any permission": async (consumer) => {
    const [, ...others] = await readmeExamples();
    for (const [i, { code, heading }] of others.entries()) {
      await consumer.write(`example_${i}.ts`, code);
      try {
        await consumer.deno("run", "--no-prompt", `example_${i}.ts`);
      } catch (error) {
        throw new Error(`The one in "${heading}" fails`, { cause: error });
      }
    }
  },
  "every export, its types without Deno's unstable ones": async (consumer) => {
    const imports = SUBPATHS.map((path, i) =>
      `import * as m${i} from "${path}";`
    );
    const names = SUBPATHS.map((_, i) => `m${i}`).join(", ");
    await consumer.write(
      "exports.ts",
      `${imports.join("\n")}\nconsole.log([${names}].length);\n`,
    );
    await consumer.deno("check", "--quiet", "--all", "exports.ts");
    const args = ["run", "--quiet", "--no-prompt", "--allow-env", "exports.ts"];
    expectText((await consumer.deno(...args)).text, `${SUBPATHS.length}\n`);
  },
  "a SQLite file as a store": async (consumer) => {
    const [first] = await readmeExamples();
    const code = first?.code.replace(":memory:", "sessions.db") ?? "";
    await consumer.write("file.ts", code);
    const { text } = await consumer.deno(
      "run",
      "--no-prompt",
      "--allow-net=localhost",
      "--allow-read=.",
      "--allow-write=.",
      "file.ts",
    );
    expectText(text, FIRST_EXAMPLE);
    await Deno.stat(join(consumer.folder, "sessions.db"));
  },
  "Deno KV as a store": async (consumer) => {
    await consumer.write("kv.ts", KV);
    const args = ["run", "--no-prompt", "--unstable-kv", "-A", "kv.ts"];
    expectText((await consumer.deno(...args)).text, "3\n");
  },
  "the testing kit, in deno test": async (consumer) => {
    await consumer.write("store_test.ts", STORE_TEST);
    const { text } = await consumer.deno(
      "test",
      "--no-prompt",
      "store_test.ts",
    );
    if (!/ok \| [1-9]\d+ passed/.test(text)) throw new Error(`It says ${text}`);
  },
};

const KV = `
import { KvSessionStore } from "@sesame/tls/stores/kv";
using kv = await Deno.openKv(":memory:");
const store = new KvSessionStore(kv);
const expiresAt = new Date(Date.now() + 60_000);
await store.set(Uint8Array.of(1), Uint8Array.of(3), { expiresAt });
console.log(String(await store.get(Uint8Array.of(1))));
`;

const STORE_TEST = `
import { MemorySessionStore } from "@sesame/tls/stores/memory";
import { checkSessionStore } from "@sesame/tls/testing";
for (const { name, run } of checkSessionStore((now) => new MemorySessionStore({ now }))) {
  Deno.test(name, run);
}
`;

async function runFirst(
  consumer: Consumer,
  ...flags: string[]
): Promise<string> {
  const args = ["run", "--quiet", "--no-prompt", "--allow-net=localhost"];
  return (await consumer.deno(...args, ...flags, "first.ts")).text;
}
