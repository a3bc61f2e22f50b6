/** The certificates that are trusted by default, as the environment has them. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { createTestCertificate } from "../../src/testing/mod.ts";
import { Folder } from "../support/temp_folder.ts";

const MODULE = new URL("../../src/node/ca_certificates.ts", import.meta.url);
const NODE = new URL("../../src/node/mod.ts", import.meta.url);

describe("rootCertificates", () => {
  it("is the runtime's list, which is read when it is used", async () => {
    const script = `
      import tls, { rootCertificates } from ${JSON.stringify(NODE.href)};
      import { getCACertificates } from ${JSON.stringify(NODE.href)};
      try {
        rootCertificates.length;
      } catch (error) {
        console.log(error.name);
        Deno.exit();
      }
      console.log(JSON.stringify({
        isArray: Array.isArray(rootCertificates),
        isFrozen: Object.isFrozen(rootCertificates),
        isSame: tls.rootCertificates === getCACertificates("bundled"),
        first: [...rootCertificates][0] === tls.rootCertificates[0],
        lengths: new Set([
          rootCertificates.length,
          Object.keys(rootCertificates).length,
          JSON.parse(JSON.stringify(rootCertificates)).length,
          tls.rootCertificates.length,
        ]).size,
      }));
    `;
    assertEquals(await printed(script, ["--no-prompt"]), "NotCapable");
    assertEquals(JSON.parse(await printed(script, ["--allow-sys"])), {
      isArray: true,
      isFrozen: true,
      isSame: true,
      first: true,
      lengths: 1,
    });
  });
});

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
  return JSON.parse(await printed(script, ["--allow-all"], env));
}

/** What a program prints that has permissions. */
async function printed(
  script: string,
  permissions: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", ...permissions, "-"],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(script));
  await stdin.close();
  const { stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout).trim();
  if (text === "") throw new Error(new TextDecoder().decode(stderr));
  return text;
}

function body(pem: string): string {
  return pem.replaceAll(/-----[^-]*-----|\s/g, "");
}
