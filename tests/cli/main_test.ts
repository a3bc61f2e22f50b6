import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import config from "../../deno.json" with { type: "json" };
import { assertMisuse, runCli } from "../support/cli.ts";

describe("The command line tool", () => {
  it("prints help with commands that can be pasted", async () => {
    const { code, stdout, stderr } = await runCli(["--help"]);
    assertEquals(code, 0);
    assertEquals(stderr, "");
    for (const command of ["serve", "connect", "session", "store"]) {
      assertStringIncludes(stdout, `\n  ${command}`);
    }
    assertStringIncludes(stdout, "Examples:\n");
    assertStringIncludes(stdout, "cli.ts serve --help");
    assert(!/^ *sesame /m.test(stdout), stdout);
  });

  it("groups the options of serve, with their defaults", async () => {
    const { code, stdout } = await runCli(["serve", "--help"]);
    assertEquals(code, 0);
    const text = stdout.replaceAll(/\s+/g, " ");
    for (
      const words of [
        "Service:",
        "Network:",
        "Certificates",
        "Protocol:",
        "Sessions:",
        "Output:",
        "--port",
        "(default: 8443)",
        "Examples:",
        "curl --cacert",
      ]
    ) assertStringIncludes(text, words);
  });

  it("prints its version", async () => {
    const { code, stdout } = await runCli(["--version"]);
    assertEquals([code, stdout], [0, `sesame ${config.version}\n`]);
  });

  it("suggests a similar command", async () => {
    await assertMisuse(["serv"], "serv", "Did you mean serve?");
  });

  it("ends silently when its output is closed", async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "cli.ts", "--help"],
      cwd: new URL("../..", import.meta.url),
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await child.stdout.cancel();
    assertEquals(await new Response(child.stderr).text(), "");
    await child.status;
  });

  it("names a missing permission", async () => {
    const { code, stderr } = await runCli(["serve", "--port", "0"], {
      permissions: [],
    });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "error: Deno lacks a permission: ");
    assertStringIncludes(stderr, "--allow-net");
    assertStringIncludes(stderr, "deno run -A");
    assert(!stderr.includes("    at "), stderr);
  });

  it("names it for stores, files and workers", async () => {
    const path = await Deno.makeTempFile();
    await Promise.all(
      ([
        [["serve", "--store", `dir:${path}.none`], ["--allow-net"], "write"],
        [["connect", "localhost:1", "--ca", path], [], "read"],
        [["session", "inspect", path], [], "read"],
        [["serve", "--encrypt-key-file", path], [], "read"],
        [["serve", "--workers", "2"], ["--allow-net"], "read"],
        [["serve", "--workers", "2"], ["--allow-read"], "net"],
      ] as const).map(async ([args, permissions, missing]) => {
        const { code, stdout, stderr } = await runCli([...args], {
          permissions: [...permissions],
        });
        assertEquals([code, stdout], [1, ""], stderr);
        assertStringIncludes(stderr, "error: Deno lacks a permission: ");
        assertStringIncludes(stderr, `--allow-${missing}`);
        assert(!stderr.includes("Uncaught"), stderr);
      }),
    );
    await Deno.remove(path);
  });

  it("leaves the file of --write-cert as it was if the port is taken", async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, "another server's");
    const port = String(taken.addr.port);
    const { code } = await runCli([
      ...["serve", "--port", port, "--write-cert", path],
    ]);
    assertEquals(code, 1);
    assertEquals(await Deno.readTextFile(path), "another server's");
    await Deno.remove(path);
  });

  it("prints a failure in one line, and its stack with --debug", async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const args = ["serve", "--port", String(taken.addr.port)];
    const plain = await runCli(args);
    assertEquals([plain.code, plain.stdout], [1, ""]);
    const { port } = taken.addr;
    const complaint = `error: Cannot listen on 127.0.0.1:${port}`;
    assertStringIncludes(plain.stderr, `${complaint}: `);
    assert(/^error: .*in use.*$/m.test(plain.stderr), plain.stderr);
    const metrics = await runCli([
      ...["serve", "--port", "0", "--metrics", String(port)],
    ]);
    assertEquals(metrics.code, 1);
    assertStringIncludes(metrics.stderr, `${complaint} (--metrics): `);
    assert(!plain.stderr.includes("    at "), plain.stderr);
    const verbose = await runCli([...args, "--debug"]);
    assertEquals(verbose.code, 1);
    assertStringIncludes(verbose.stderr, "    at ");
  });
});
