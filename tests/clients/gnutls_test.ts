/**
 * GnuTLS's client on our servers.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { it } from "@std/testing/bdd";
import { BODY, Fleet, only } from "../support/fleet.ts";
import { Folder } from "../support/temp_folder.ts";
import { describeWith, run } from "../support/programs.ts";

describeWith("gnutls-cli", "gnutls-cli --resume", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`resumes on the other server with ${version}`, async () => {
      await using folder = await Folder.make();
      await using fleet = new Fleet(only(version));
      const { code, stdout, stderr } = await run("gnutls-cli", [
        "--resume",
        "--waitresumption",
        `--priority=NORMAL:-VERS-ALL:+VERS-${version.replace("v", "")}`,
        `--x509cafile=${folder.certificate}`,
        "--sni-hostname=localhost",
        "--verify-hostname=localhost",
        `--port=${fleet.port}`,
        "127.0.0.1",
      ], "GET / HTTP/1.0\r\n\r\n");
      assertEquals(code, 0, stderr);
      await fleet.assertResumed(version);
      assertStringIncludes(stdout, "*** This is a resumed session");
      assertStringIncludes(stdout, BODY);
    });
  }
});
