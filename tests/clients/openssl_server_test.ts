/**
 * Our client on OpenSSL's own server.
 *
 * @module
 */
import { assertStringIncludes } from "@std/assert";
import { it } from "@std/testing/bdd";
import { Folder } from "../support/temp_folder.ts";
import { describeWith, start } from "../support/programs.ts";
import { visitTwice } from "../support/visitor.ts";

const CASES = [
  { version: "TLSv1.2", how: "tickets", keeping: "as bytes" },
  { version: "TLSv1.2", how: "ids", keeping: "as bytes" },
  { version: "TLSv1.2", how: "ids", keeping: "in a slow store" },
  { version: "TLSv1.3", how: "tickets", keeping: "as bytes" },
  { version: "TLSv1.3", how: "ids", keeping: "as bytes" },
  { version: "TLSv1.3", how: "ids", keeping: "in a slow store" },
] as const;

describeWith("openssl", "our client and openssl s_server", () => {
  for (const { version, how, keeping } of CASES) {
    it(`resumes ${version} by ${how}, kept ${keeping}`, async () => {
      await using folder = await Folder.make();
      await using server = start("openssl", [
        "s_server",
        "-accept",
        "127.0.0.1:0",
        "-cert",
        folder.certificate,
        "-key",
        folder.key,
        // A page that says how the client came.
        "-www",
        version === "TLSv1.2" ? "-tls1_2" : "-tls1_3",
        ...(how === "ids" ? ["-no_ticket"] : []),
      ]);
      const port = Number((await server.printed("ACCEPT")).split(":").at(-1));
      const [first, second] = await visitTwice(port, version, keeping);
      assertStringIncludes(first, `New, ${version}, Cipher is`);
      assertStringIncludes(second, `Reused, ${version}, Cipher is`);
    });
  }
});
