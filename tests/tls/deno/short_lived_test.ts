/** What short-lived connections pass through doesn't keep them until old objects are collected. */
import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";

/** Of 50: a structure that keeps connections keeps more than 10. */
const FEW_MEGABYTES = 3;

it("Short-lived connections are collected as young objects", async () => {
  const program = new URL(
    "../../testdata/collect_short_lived.ts",
    import.meta.url,
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--v8-flags=--expose-gc", program.href],
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const lines = text(stdout).trim().split("\n");
  assertEquals(lines.length, 5, text(stderr));
  for (const line of lines) {
    const [name, left] = line.split(" ");
    assert(Number(left) <= FEW_MEGABYTES, `${name} kept ${left} MB`);
  }
});
