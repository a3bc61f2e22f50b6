/** The certificates that are trusted by default, as the environment has them. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createTestCertificate } from "../../src/testing/mod.ts";
import { Folder } from "../support/temp_folder.ts";

const MODULE = new URL("../../src/node/ca_certificates.ts", import.meta.url);

describe("NODE_EXTRA_CA_CERTS", () => {
  for (const has of [true, false]) {
    const whose = has ? "the runtime reads" : "Sesame reads";
    it(`names a file whose certificates are trusted, which ${whose}`, async () => {
      await using folder = await Folder.make();
      const file = folder.path("extra.pem");
      const certs = [
        createTestCertificate().cert,
        createTestCertificate().cert,
      ];
      await Deno.writeTextFile(file, `A comment\n${certs.join("\n")}`);
      const lists = await listsIn({ NODE_EXTRA_CA_CERTS: file }, has);
      assertEquals(lists.extra.map(body), certs.map(body));
      const missing = lists.extra.filter((pem) => !lists.default.includes(pem));
      assertEquals(missing, []);
      assertEquals(lists.default.length > certs.length, true);
    });
  }

  it("trusts no more if the file is missing", async () => {
    const environment = { NODE_EXTRA_CA_CERTS: "/missing/extra.pem" };
    assertEquals((await listsIn(environment, false)).extra, []);
    const { extra } = await listsIn({ NODE_EXTRA_CA_CERTS: "" }, false);
    assertEquals(extra, []);
  });
});

/** The lists in a process of its own, whose runtime has `getCACertificates` or not. */
async function listsIn(
  env: Record<string, string>,
  hasOwn: boolean,
): Promise<{ extra: string[]; default: string[] }> {
  const script = `
    if (!${hasOwn}) {
      delete process.getBuiltinModule("node:tls").getCACertificates;
    }
    const { getCACertificates } = await import(${JSON.stringify(MODULE.href)});
    const lists = {
      extra: getCACertificates("extra"),
      default: getCACertificates(),
    };
    console.log(JSON.stringify(lists));
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", script],
    env,
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

function body(pem: string): string {
  return pem.replaceAll(/-----[^-]*-----|\s/g, "");
}
