import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { CLOSED_PORT } from "./support/listeners.ts";

let directory = "";

describe("deno task test", () => {
  beforeEach(async () => {
    directory = await Deno.makeTempDir({ prefix: "sesame_" });
  });

  afterEach(async () => {
    await Deno.remove(directory, { recursive: true });
  });

  it("closes with how many tests passed, failed and were skipped", async () => {
    await writeTest(`
      describe("a > b", () => {
        it("passes", () => {});
        it("fails", () => { throw new Error("expected"); });
        const fn = () => { throw new Error("not to be run"); };
        it.skip("is skipped", fn);
        it("is skipped", { ignore: true }, fn);
        it({ name: "is skipped", ignore: true, fn });
        describe.skip("is skipped", () => it("is skipped", fn));
        describe("c", () => it("passes", () => {}));
      });
      it("passes", () => {});
    `);
    const { code, lastLine } = await runTests();
    assertEquals(lastLine, "3 passed, 1 failed, 4 skipped");
    assertEquals(code, 1);
  });

  it("has a help of its own", async () => {
    const { code, output } = await runTests({ args: ["--help"] });
    assertEquals(code, 0);
    assertStringIncludes(
      output,
      "deno task test tests/tls/engine/engine_test.ts",
    );
  });

  it("counts a suite that fails by itself", async () => {
    await writeTest(`
      describe("a", () => {
        afterAll(() => { throw new Error("expected"); });
        it("passes", () => {});
      });
    `);
    const { code, lastLine } = await runTests();
    assertEquals(lastLine, "1 passed, 1 failed");
    assertEquals(code, 1);
  });

  it("counts a run that fails without a test", async () => {
    await writeTest(`const wrong: string = 1; console.log(wrong);`);
    const { code, output, lastLine } = await runTests({ args: [] });
    assertStringIncludes(output, "No test failed, but the run did");
    assertEquals(lastLine, "0 passed, 1 failed");
    assertEquals(code, 1);
  });

  it("fails where an only was left in", async () => {
    await writeTest(`
      describe("a", () => {
        it("is left out", () => { throw new Error("not to be run"); });
        it.only("passes", () => {});
        describe("b", () => it("is left out", () => {}));
      });
    `);
    const { code, lastLine } = await runTests();
    assertEquals(lastLine, "1 passed, 1 failed");
    assertEquals(code, 1);
  });

  it("runs the examples in the docs, which may import the package", async () => {
    await Deno.writeTextFile(
      `${directory}/mod.ts`,
      `/**
        * @example
        * \`\`\`ts
        * import { MemorySessionStore } from "@sesame/tls/stores/memory";
        * import { assertEquals } from "@std/assert";
        * assertEquals(new MemorySessionStore().size, 0);
        * \`\`\`
        */
       export const value = 1;`,
    );
    const { code, lastLine } = await runTests();
    assertEquals(lastLine, "1 passed, 0 failed");
    assertEquals(code, 0);
  });

  it("passes its arguments on", async () => {
    await writeTest(`
      it("this one", () => {});
      it("tests", () => { throw new Error("not to be run"); });
    `);
    const { code, lastLine } = await runTests({
      args: ["--filter", "this one"],
    });
    assertEquals(lastLine, "1 passed, 0 failed, 1 skipped");
    assertEquals(code, 0);
  });

  it("says whose @std it uses", async () => {
    const jsr = Deno.serve(
      { port: 0, onListen: () => {} },
      () => new Response(),
    );
    const there = await runTests({
      jsr: `http://localhost:${jsr.addr.port}/`,
    });
    await jsr.shutdown();
    assertStringIncludes(there.output, "@std/testing from JSR.\n");

    const gone = await runTests({ jsr: `http://localhost:${CLOSED_PORT}/` });
    assertStringIncludes(
      gone.output,
      `offline adapters in tests/std/: localhost:${CLOSED_PORT} can't be reached.\n`,
    );
  });
});

async function writeTest(body: string): Promise<void> {
  const imports = `import { afterAll, describe, it } from "@std/testing/bdd";`;
  // deno.json has tsc refuse imports that are not used.
  const used = `export const imported: unknown[] = [afterAll, describe, it];`;
  await Deno.writeTextFile(
    `${directory}/a_test.ts`,
    [imports, used, body].join("\n"),
  );
}

async function runTests(
  { args = ["--no-check"], jsr }: { args?: string[]; jsr?: string } = {},
): Promise<{ code: number; output: string; lastLine: string }> {
  const script = new URL("run.ts", import.meta.url).href;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", script, ...args, directory],
    env: jsr === undefined
      ? { NO_COLOR: "1" }
      : { NO_COLOR: "1", JSR_URL: jsr },
    stderr: "null",
  }).output();
  const output = new TextDecoder().decode(stdout);
  return { code, output, lastLine: output.trimEnd().split("\n").at(-1) ?? "" };
}
