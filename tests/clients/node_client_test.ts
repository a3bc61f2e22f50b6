/**
 * Node's `tls` as a client of our servers.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { BODY, Fleet, only } from "../support/fleet.ts";
import { Folder } from "../support/temp_folder.ts";
import { describeWith, run } from "../support/programs.ts";

const SCRIPT = fileURLToPath(new URL("node_client.mjs", import.meta.url));

interface Said {
  reused: boolean;
  protocol: string;
  text: string;
}

describeWith("node", "Node's tls.connect()", () => {
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`resumes on the other server with ${version}`, async () => {
      await using folder = await Folder.make();
      await using fleet = new Fleet(only(version));
      const { code, stdout, stderr } = await run("node", [
        SCRIPT,
        String(fleet.port),
        version,
        folder.certificate,
      ]);
      assertEquals(code, 0, stderr);
      await fleet.assertResumed(version);
      const said: Said[] = JSON.parse(stdout);
      assertEquals(said.map(({ reused }) => reused), [false, true]);
      assert(said.every(({ text }) => text.endsWith(BODY)));
    });
  }
});
