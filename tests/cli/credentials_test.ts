/** Certificates, keys and lists of the revoked on the command line. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertMisuse, CliServer, runCli } from "../support/cli.ts";
import {
  crlOf,
  encryptedKey,
  pemOf,
  pfxOf,
  pki,
} from "../support/credentials.ts";
import { Folder } from "../support/temp_folder.ts";
import type { Output } from "../support/programs.ts";

const rsa = pki.issue({ keyType: "RSA-2048" });
const SECRET = "a passphrase";

describe("The command line", () => {
  it("takes several certificates, encrypted keys, PKCS#12 and lists of the revoked", async () => {
    await using folder = await Folder.make();
    const files = await written(folder);
    const locked = ["--passphrase-file", files("passphrase")];
    const asking = ["--client-auth", "require", "--ca", files("ca.pem")];
    const lists = [
      "--crl",
      files("root.crl"),
      "--crl",
      files("intermediate.pem"),
    ];
    await using server = await CliServer.start((own) => {
      Deno.copyFileSync(files("server.pem"), own.certificate);
      Deno.copyFileSync(files("server.key"), own.key);
      return ["--pfx", files("rsa.pfx"), ...locked, ...asking, ...lists];
    });
    const visit = (...more: string[]): Promise<Output> =>
      runCli([
        ...["connect", `LOCALHOST.:${server.port}`, "--ca", files("ca.pem")],
        ...["--pfx", files("client.pfx")],
        ...locked,
        ...more,
      ]);
    const [good, byIntermediate, revoked] = await Promise.all([
      visit(
        ...lists,
        "--config",
        "SignatureAlgorithms=rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256",
      ),
      visit("--ca", files("intermediate-ca.pem"), "--partial-chain"),
      visit("--crl", files("root.crl"), "--crl", files("revoked.crl")),
    ]);
    assertEquals(good.code, 0, good.stderr);
    assertMatch(good.stdout, /server name +localhost/);
    assertEquals(byIntermediate.code, 0, byIntermediate.stderr);
    assertEquals(revoked.code, 1);
    assertStringIncludes(revoked.stderr, "certificate revoked");
  });

  it("reports invalid credentials by the names of the flags", async () => {
    await using folder = await Folder.make();
    const files = await written(folder);
    const pair = ["--cert", files("server.pem"), "--key", files("server.key")];
    const host = ["connect", "localhost"];
    await Promise.all([
      assertMisuse(
        [...host, ...pair],
        "--key: the private key is encrypted and needs a passphrase",
      ),
      assertMisuse(
        [...host, ...pair, "--cert", files("ca.pem")],
        "--cert and --key need each other: one --key for each --cert",
      ),
      assertMisuse(
        [...host, "--passphrase-file", files("passphrase")],
        "--passphrase-file needs --key or --pfx",
      ),
      assertMisuse(
        [...host, "--crl", files("ca.pem"), "--ca", files("ca.pem")],
        "--crl: expected certificate revocation lists in PEM, found only CERTIFICATE",
      ),
      assertMisuse(["serve", "--pfx", files("rsa.pfx")], "Cannot read --pfx"),
      assertMisuse(["serve", "--crl", files("root.crl")], "--crl needs --ca"),
      assertMisuse(
        ["serve", "--host", "a b"],
        "--host must be a host name or IP address",
      ),
      assertMisuse(
        ["connect", "a..b"],
        "the host must be a host name or IP address",
      ),
      assertMisuse(
        [...host, "--servername", "https://a"],
        "--servername must be a host name",
      ),
    ]);
  });
});

/** Files of all that is to be read, by their names: the text ones in what some shells write. */
async function written(folder: Folder): Promise<(name: string) => string> {
  const [intermediate = ""] = pki.intermediate.cert.split(
    /(?<=-----\n)(?=-----BEGIN)/,
  );
  const files: Record<string, string | Uint8Array> = {
    "ca.pem": utf16(pki.ca.cert),
    "intermediate-ca.pem": `\ufeff${intermediate}`,
    "server.pem": `\ufeff${pki.server.cert}`,
    "server.key": encryptedKey(pki.server.key, SECRET, "traditional"),
    "rsa.pfx": pfxOf(rsa, SECRET),
    "client.pfx": pfxOf(pki.client, SECRET),
    "passphrase": `${SECRET}\r\nmore\n`,
    "root.crl": crlOf(pki.ca),
    "intermediate.pem": pemOf("X509 CRL", crlOf(pki.intermediate)),
    "revoked.crl": crlOf(pki.intermediate, [pki.server]),
  };
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    await Deno.writeFile(folder.path(name), bytes);
  }
  return (name) => folder.path(name);
}

function utf16(text: string): Uint8Array {
  return new Uint8Array(
    Uint16Array.from(`\ufeff${text}`, (char) => char.charCodeAt(0)).buffer,
  );
}
