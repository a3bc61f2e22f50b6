/**
 * Our client on a server of Node's `tls`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { Folder } from "../support/temp_folder.ts";
import { describeWith, start } from "../support/programs.ts";
import { visitTwice } from "../support/visitor.ts";

const SCRIPT = fileURLToPath(new URL("node_server.mjs", import.meta.url));

const ASKED = { tickets: [], ids: ["newSession", "resumeSession"] };

// In TLS 1.3 Node has stateless tickets only.
const CASES = [
  { version: "TLSv1.2", how: "tickets", keeping: "as bytes" },
  { version: "TLSv1.2", how: "ids", keeping: "as bytes" },
  { version: "TLSv1.2", how: "ids", keeping: "in a slow store" },
  { version: "TLSv1.3", how: "tickets", keeping: "as bytes" },
  { version: "TLSv1.3", how: "tickets", keeping: "in a slow store" },
] as const;

describeWith("node", "our client and Node's tls.createServer()", () => {
  for (const { version, how, keeping } of CASES) {
    it(`resumes ${version} by ${how}, kept ${keeping}`, async () => {
      await using folder = await Folder.make();
      await using server = start("node", [
        SCRIPT,
        version,
        how,
        folder.certificate,
        folder.key,
      ]);
      const port = Number((await server.printed("port")).split(" ").at(-1));
      const [first, second] = await visitTwice(port, version, keeping);
      assertEquals(JSON.parse(first), {
        reused: false,
        protocol: version,
        asked: ASKED[how].slice(0, 1),
      });
      assertEquals(JSON.parse(second), {
        reused: true,
        protocol: version,
        asked: ASKED[how],
      });
    });
  }
});
