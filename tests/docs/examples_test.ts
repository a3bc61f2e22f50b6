import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { once } from "node:events";
import tls from "node:tls";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Runs deno in the repository: what it printed, and its exit code. */
async function deno(
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

const demo = (...args: string[]): ReturnType<typeof deno> =>
  deno("run", "-A", "examples/demo.ts", ...args);

/** The middle two columns of a line of the demo: who, and how. */
function meetings(out: string): string[] {
  return [...out.matchAll(/client meets (\w+) +(\w+)/g)].map(
    ([, server, handshake]) => `${server} ${handshake}`,
  );
}

const TOUR = ["alpha full", "beta resumed", "alpha resumed", "loner full"];

describe("The demo", () => {
  it("resumes at the server that shares the store, in both versions", async () => {
    const { code, out } = await demo();
    assertEquals(code, 0);
    assertEquals(meetings(out), [...TOUR, ...TOUR]);
    assertStringIncludes(out, "TLSv1.2");
    assertStringIncludes(out, "TLSv1.3");
    assertStringIncludes(out, "SQLite");
  });

  it("does so in memory, in one version", async () => {
    const { code, out } = await demo("--store", "memory", "--tls", "1.3");
    assertEquals(code, 0);
    assertEquals(meetings(out), TOUR);
    assertEquals(out.includes("TLSv1.2"), false);
  });

  it("keeps the file that it was given", async () => {
    const path = await Deno.makeTempFile({ suffix: ".db" });
    await Deno.remove(path);
    const { code } = await demo("--store", `sqlite:${path}`);
    assertEquals(code, 0);
    assertEquals((await Deno.stat(path)).isFile, true);
    await Deno.remove(path);
  });

  it("explains itself, and what it can't take", async () => {
    assertMatch((await demo("--help")).out, /--store .*\n.*--tls/);
    for (const args of [["--tls", "1.4"], ["--store", "tape"], ["--nope"]]) {
      const { code, err } = await demo(...args);
      assertEquals(code, 2);
      assertStringIncludes(err, "--store memory|sqlite:PATH");
    }
  });
});

describe("The examples run as they stand", () => {
  it("raw_hooks.ts", async () => {
    const { out } = await deno("run", "examples/raw_hooks.ts");
    assertMatch(out, /full handshake\nget_session_cb: found/);
    assertMatch(out, /resumed\n$/);
  });

  it("shared_store.ts", async () => {
    const { out } = await deno("run", "examples/shared_store.ts");
    assertMatch(out, /full handshake\n.*resumed\n$/);
  });

  it("echo_server.ts", async () => {
    const server = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "examples/echo_server.ts", "0"],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdout: "piped",
    }).spawn();
    const lines = server.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    const started = await lines.read();
    assertMatch(started.value ?? "", /^Listening on port \d+\n$/);
    const port = Number(/\d+/.exec(started.value ?? ""));

    const client = tls.connect({ port, rejectUnauthorized: false });
    client.write("hello");
    const [echo] = await once(client, "data");
    assertEquals(String(echo), "hello");
    client.destroy();
    const met = await lines.read();
    assertMatch(met.value ?? "", /TLSv1.3, full handshake: none-offered\n/);

    server.kill();
    await lines.cancel();
    await server.status;
  });

  it("sandbox_test.ts", async () => {
    const { code, out } = await deno("test", "examples/sandbox_test.ts");
    assertEquals(code, 0);
    assertStringIncludes(out, "1 passed");
  });
});
