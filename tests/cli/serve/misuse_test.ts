import { assertFalse, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertMisuse, runCli } from "../../support/cli.ts";
import { Folder } from "../../support/temp_folder.ts";

const MISUSES: readonly (readonly [args: string[], ...words: string[]])[] = [
  [["--pot", "1"], "--pot", "Did you mean --port?"],
  [["--port", "65536"], "--port", "0 to 65535"],
  [["--forward", "localhost"], "--forward", "HOST:PORT"],
  [["--echo", "--forward", "localhost:1"], "--echo", "--forward"],
  [["--workers", "0"], "--workers"],
  [["--workers", "257"], "1 to 256"],
  [
    ["--workers", "3", "--max-connections", "2"],
    "--max-connections 2",
    "--workers 3",
  ],
  [["--idle-timeout", "soon"], "--idle-timeout", "seconds"],
  [["--handshake-timeout", "0"], "--handshake-timeout"],
  [["--tickets", "many"], "--tickets", "stateful, stateless, off"],
  [["--min-version", "SSLv3"], "--min-version", "1.2"],
  [["--min-version", "1.3", "--max-version", "TLSv1.2"], "--max-version"],
  [["--config", "Groups"], "--config", "NAME=VALUE"],
  [["--config", "Ciphersuites=NONE"], "Ciphersuites=NONE"],
  [["--max-early-data", "1"], "--max-early-data", "--single-use"],
  [["--num-tickets", "101"], "--num-tickets", "0 to 100"],
  [["--metrics", "::1:9"], "--metrics", "[::1]:8080"],
  [
    ["--write-cert", "/no/such/file", "--port", "0"],
    "Cannot write --write-cert /no/such/file",
  ],
  [["--keylog", "/no/such/file", "--port", "0"], "--keylog /no/such/file"],
  [["--alpn", "h2,http/1.1"], "--alpn h2", "--http"],
  [["--client-auth", "require"], "--client-auth", "--ca"],
  [["--ca", "ca.pem"], "--ca", "--client-auth"],
  [["--cert", "no-such-file.pem", "--key", "key.pem"], "no-such-file.pem"],
  [["--key", "key.pem"], "--key", "--cert"],
  [["--hostname", "a b"], "--hostname", "a b"],
  [["--tag", "subject"], "--tag", "--client-auth"],
  [["--tickets", "off", "--store", "sqlite:x.db"], "--store", "--tickets"],
  [["--tickets", "stateless", "--single-use"], "--single-use", "--tickets"],
  [["--store", "cupboard"], "cupboard", "sqlite:PATH"],
  [["--session-id-key-file", "no-such-keys"], "no-such-keys"],
  [["rest"], "rest"],
];

describe("serve refuses", () => {
  for (const [args, ...words] of MISUSES) {
    it(args.join(" "), () => assertMisuse(["serve", ...args], ...words));
  }

  it("early data without --single-use, in one message", async () => {
    const { stderr } = await runCli(["serve", "--max-early-data", "10"]);
    assertStringIncludes(stderr, "needs --single-use");
    assertFalse(stderr.includes("--store"), stderr);
  });

  it("a key that isn't the certificate's", async () => {
    await using one = await Folder.make();
    const { createTestCertificate } = await import("@sesame/tls/testing");
    const key = one.path("other.pem");
    await Deno.writeTextFile(key, createTestCertificate().key);
    const args = ["serve", "--cert", one.certificate, "--key", key];
    await assertMisuse(args, "--key");
  });
});
