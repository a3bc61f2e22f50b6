import { existsSync } from "node:fs";
import { join } from "node:path";

/** A test of Node's. */
export interface NodeTest {
  /** Its file's name without `.js`. */
  readonly name: string;
  readonly path: string;
  /** Flags of Node's that it asks for. */
  readonly flags: readonly string[];
  /** Whether it reads modules of Node's that programs can't. */
  readonly internals: boolean;
}

/** The folder of Node's tests, the variable `NODE_TEST_DIR` or the `test` in it. */
export function suiteFolder(): string | undefined {
  const folder = Deno.env.get("NODE_TEST_DIR");
  if (!folder) return undefined;
  return [folder, join(folder, "test")].find((path) =>
    existsSync(join(path, "parallel"))
  );
}

/** What Node's tests of TLS and HTTPS are. */
export function nodeTests(folder: string): NodeTest[] {
  return [...Deno.readDirSync(join(folder, "parallel"))]
    .map(({ name }) => name)
    .filter((name) => /^test-(tls|https)-.*\.m?js$/.test(name))
    .sort()
    .map((file) => {
      const path = join(folder, "parallel", file);
      const source = Deno.readTextFileSync(path);
      const flags = source.match(/^\/\/ Flags: (.+)$/m)?.[1]?.trim();
      return {
        name: file.replace(/\.m?js$/, ""),
        path,
        flags: flags?.split(/\s+/) ?? [],
        internals: /require\('internal\//.test(source),
      };
    });
}

/** Whether a test is one of `test-tls-cli-*`, which are of Node's command line. */
export function isOfCommandLine({ name }: Pick<NodeTest, "name">): boolean {
  return name.startsWith("test-tls-cli-");
}

/** Whether a test concerns sessions, tickets or resumption, by its name. */
export function concernsSessions(name: string): boolean {
  return /session|ticket|resum|reuse|renew/.test(name);
}
