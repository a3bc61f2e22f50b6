/** Distribution points relative to the issuer's name, of which only so much is written out. */
import { assertEquals, assertMatch } from "@std/assert";
import { it } from "@std/testing/bdd";
import { TlsContext, TlsError } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";
import { connected } from "../../support/engines.ts";
import { Folder } from "../../support/temp_folder.ts";
import { describeWith, run } from "../../support/programs.ts";

const SHORT = "CN = authority";
/** More than the names of one certificate may take together: see wasm/remedies.c. */
const LONG = Array.from(
  { length: 70 },
  (_, i) => `${i}.OU = ${"long name ".repeat(6)}${i}`,
).join("\n");

/** Of an authority, and a server of it whose points are relative, the last one the CRL's. */
function configuration(name: string, count: number): string {
  const points = Array.from({ length: count }, (_, i) => i);
  return `
[ca]
default_ca = authority
[authority]
database = $ENV::FOLDER/index.txt
default_md = sha256
default_crl_days = 1
[req]
prompt = no
distinguished_name = name
[name]
${name}
[v3_ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
crlDistributionPoints = point_${count - 1}
[crl]
issuingDistributionPoint = critical, @point
[point]
relativename = part_${count - 1}
[server]
subjectAltName = DNS:localhost
crlDistributionPoints = ${points.map((i) => `point_${i}`).join(", ")}
${
    points.map((i) =>
      `[point_${i}]\nrelativename = part_${i}\n[part_${i}]\nCN = part ${i}`
    ).join("\n")
  }
`;
}

/** A server of an authority, and a client with the authority's CRL. */
async function contextsOf(
  name: string,
  count: number,
): Promise<{ server: TlsContext; client: TlsContext }> {
  await using folder = await Folder.make();
  const config = folder.path("config");
  const ca = folder.path("ca.pem");
  const key = folder.path("ca.key");
  const csr = folder.path("leaf.csr");
  const leaf = folder.path("leaf.pem");
  const crl = folder.path("crl.pem");
  const text = configuration(name, count);
  await Deno.writeTextFile(
    config,
    text.replace("$ENV::FOLDER/index.txt", folder.path("index.txt")),
  );
  await Deno.writeTextFile(folder.path("index.txt"), "");
  const own = createTestCertificate();
  await Deno.writeTextFile(key, own.key);
  const openssl = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await run("openssl", args);
    assertEquals(code, 0, stderr);
  };
  const request = ["req", "-config", config, "-key", key];
  await openssl(
    ...request,
    ...["-x509", "-days", "2", "-extensions", "v3_ca", "-out", ca],
  );
  await openssl(
    ...["req", "-new", "-config", config, "-key", folder.key],
    ...["-subj", "/CN=localhost", "-out", csr],
  );
  await openssl(
    ...["x509", "-req", "-in", csr, "-CA", ca, "-CAkey", key, "-days", "1"],
    ...["-set_serial", "2", "-extfile", config, "-extensions", "server"],
    ...["-out", leaf],
  );
  await openssl(
    ...["ca", "-config", config, "-gencrl", "-crlexts", "crl"],
    ...["-cert", ca, "-keyfile", key, "-out", crl],
  );
  const server = new TlsContext({
    cert: await Deno.readTextFile(leaf),
    key: await Deno.readTextFile(folder.key),
  });
  const client = new TlsContext({
    caCerts: [await Deno.readTextFile(ca)],
    crl: await Deno.readTextFile(crl),
  });
  return { server, client };
}

/** What the client says of the server: `null` if it takes it. */
async function verdict(name: string, count: number): Promise<string | null> {
  const contexts = await contextsOf(name, count);
  using server = contexts.server;
  using client = contexts.client;
  return verdictOf(client, server);
}

function verdictOf(client: TlsContext, server: TlsContext): string | null {
  try {
    using _ = connected(server, client);
    return null;
  } catch (error) {
    return error instanceof TlsError ? error.message : String(error);
  }
}

describeWith(
  "openssl",
  "CRL distribution points relative to the issuer",
  () => {
    it("are those of a CRL, as many as a certificate has in earnest", async () => {
      assertEquals(await verdict(SHORT, 1), null);
      assertEquals(await verdict(SHORT, 20), null);
    });

    it("are a certificate's own, whatever one before it had", async () => {
      const contexts = await contextsOf(SHORT, 1);
      using server = contexts.server;
      using client = contexts.client;
      assertMatch(String(await verdict(SHORT, 200)), /different CRL scope/);
      assertEquals(verdictOf(client, server), null);
      assertMatch(String(await verdict(SHORT, 200)), /different CRL scope/);
      assertEquals(await verdict(SHORT, 1), null);
    });

    for (
      const [what, name, count] of [["is long", LONG, 1], [
        "is copied often",
        SHORT,
        200,
      ]] as const
    ) {
      it(`are no CRL's where the issuer's name ${what}`, async () => {
        assertMatch(String(await verdict(name, count)), /different CRL scope/);
      });
    }
  },
);
