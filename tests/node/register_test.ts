/** `register` in Deno, as the matrix of runtimes checks it in the others, too. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import type { CheckResult } from "../runtimes/checks.ts";
import { run } from "../support/programs.ts";

const PROGRAM = fileURLToPath(new URL("./registered.ts", import.meta.url));

describe("register of node:tls", () => {
  it("reaches what it promises, and is undone", async () => {
    const { stdout, stderr } = await run(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      "--no-check",
      PROGRAM,
    ]);
    const results: CheckResult[] = JSON.parse(stdout || "[]");
    assertEquals(results.filter(({ ok }) => !ok), [], stderr);
    assertEquals(results.length, 7);
  });
});
