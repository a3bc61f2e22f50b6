/** docs/legacy.md: each of its lines lets a client meet an old server of Debian's. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { it } from "@std/testing/bdd";
import { connectTls, TlsError, type TlsSocketInfo } from "@sesame/tls";
import { freePort } from "../support/free_port.ts";
import { describeWith, isThere, run, start } from "../support/programs.ts";
import { Folder } from "../support/temp_folder.ts";

const PAGE = Deno.readTextFileSync(
  new URL("../../docs/legacy.md", import.meta.url),
);
/** Parameters of 1024 bits, from `openssl dhparam`, which takes its time. */
const DH_1024 = `-----BEGIN DH PARAMETERS-----
MIGHAoGBAIZA5ltk+Y6+SUBgJ4Kim8JR5We56d/O8QFecgaWvtx/7tfI3Zj27ySa
t7cb1VQbLrG3lwNwudPDgB0LOBRtYYbTcNRlck/RQmJlzbrQfDE61KnVYdRqjjUM
+dBHYiaDpemtOW5bctu9XBY4nsMn9zhlTFQVUfYBm0tkIqG2LR9PAgEC
-----END DH PARAMETERS-----
`;
const NAME = ["-addext", "subjectAltName=DNS:localhost"];
const WEAK = ["-cipher", "DEFAULT@SECLEVEL=0"];

interface OldServer {
  readonly name: string;
  /** How `openssl req` makes its key and certificate. */
  readonly key?: string;
  readonly certificate?: readonly string[];
  /** Whether a CA signs its certificate, with SHA-1. */
  readonly sha1?: boolean;
  /** How `openssl s_server` runs. */
  readonly args: readonly string[];
  /** The error of a client as it is; none if there is none. */
  readonly error?: string;
  /** What the page says. */
  readonly says: string;
  readonly options?: {
    readonly minVersion?: "TLSv1";
    readonly allowCommonName?: boolean;
    readonly configure?: readonly (readonly [string, string])[];
  };
}

const SERVERS: readonly OldServer[] = [
  {
    name: "an RSA key of 1024 bits",
    key: "rsa:1024",
    args: WEAK,
    error: "EE_KEY_TOO_SMALL",
    says: '["CipherString", "DEFAULT@SECLEVEL=1"]',
    options: { configure: [["CipherString", "DEFAULT@SECLEVEL=1"]] },
  },
  {
    name: "a certificate signed with SHA-1",
    sha1: true,
    args: WEAK,
    error: "CA_MD_TOO_WEAK",
    says: '["CipherString", "DEFAULT@SECLEVEL=0"]',
    options: { configure: [["CipherString", "DEFAULT@SECLEVEL=0"]] },
  },
  ...(["-tls1", "-tls1_1"] as const).map((version): OldServer => ({
    name: `only ${version}`,
    args: [version, ...WEAK],
    error: "protocol version",
    says: '`minVersion: "TLSv1"`',
    options: {
      minVersion: "TLSv1",
      configure: [["CipherString", "DEFAULT@SECLEVEL=0"]],
    },
  })),
  {
    name: "Diffie-Hellman parameters of 1024 bits",
    args: [
      "-tls1_2",
      "-cipher",
      "DHE-RSA-AES128-SHA@SECLEVEL=0",
      "-dhparam",
      "dh.pem",
    ],
    error: "dh key too small",
    says: '["CipherString", "DEFAULT@SECLEVEL=1"]',
    options: { configure: [["CipherString", "DEFAULT@SECLEVEL=1"]] },
  },
  {
    name: "only CBC and RSA key exchange",
    args: ["-tls1_2", "-cipher", "AES128-SHA"],
    says: "nothing: both are on",
  },
  {
    name: "a name only in its common name",
    certificate: [],
    args: [],
    error: "HOSTNAME_MISMATCH",
    says: "`allowCommonName: true`",
    options: { allowCommonName: true },
  },
];

describeWith("openssl", "docs/legacy.md", () => {
  for (const server of SERVERS) {
    it(`is right about a server with ${server.name}`, async () => {
      const { args, error, says, options = {} } = server;
      assertStringIncludes(PAGE, says);
      assertStringIncludes(PAGE, error ?? "");
      await using folder = await Folder.make();
      const ca = await credentials(folder, server);
      const path = folder.path("dh.pem");
      await Deno.writeTextFile(path, DH_1024);
      await using running = start("openssl", [
        "s_server",
        "-accept",
        "127.0.0.1:0",
        "-cert",
        folder.path("old.pem"),
        "-key",
        folder.path("old-key.pem"),
        "-www",
        ...args.map((arg) => arg === "dh.pem" ? path : arg),
      ]);
      const port = Number((await running.printed("ACCEPT")).split(":").at(-1));
      await assertMeets(port, ca, error, options);
    });
  }
});

describeWith("gnutls-cli", "docs/legacy.md, of gnutls-serv", () => {
  if (!isThere("openssl")) return;
  it("is right about a server without secure renegotiation", async () => {
    const says = '["Options", "UnsafeLegacyServerConnect"]';
    assertStringIncludes(PAGE, says);
    await using folder = await Folder.make();
    const ca = await credentials(folder, {});
    const port = freePort();
    await using running = start("gnutls-serv", [
      "--http",
      `--port=${port}`,
      `--x509certfile=${folder.path("old.pem")}`,
      `--x509keyfile=${folder.path("old-key.pem")}`,
      "--priority=NORMAL:%DISABLE_SAFE_RENEGOTIATION:-VERS-TLS1.3",
    ]);
    await running.printed("IPv4");
    await assertMeets(port, ca, "unsafe legacy renegotiation disabled", {
      configure: [["Options", "UnsafeLegacyServerConnect"]],
    });
  });
});

/** Makes a server's key and certificate. Returns the certificate to trust. */
async function credentials(
  folder: Folder,
  { key = "rsa:2048", certificate = NAME, sha1 = false }: Partial<OldServer>,
): Promise<string> {
  const make = async (name: string, args: readonly string[]): Promise<void> => {
    const { code, stderr } = await run("openssl", [
      "req",
      "-x509",
      "-nodes",
      "-days=30",
      "-newkey",
      key,
      "-keyout",
      folder.path(`${name}-key.pem`),
      "-out",
      folder.path(`${name}.pem`),
      ...args,
    ]);
    assertEquals(code, 0, stderr);
  };
  if (!sha1) {
    await make("old", ["-subj", "/CN=localhost", ...certificate]);
    return await Deno.readTextFile(folder.path("old.pem"));
  }
  await make("ca", ["-subj", "/CN=An old CA"]);
  await make("old", [
    "-sha1",
    "-CA",
    folder.path("ca.pem"),
    "-CAkey",
    folder.path("ca-key.pem"),
    "-subj",
    "/CN=localhost",
    ...certificate,
  ]);
  return await Deno.readTextFile(folder.path("ca.pem"));
}

/** A client fails as it is, and with the page's line it doesn't. */
async function assertMeets(
  port: number,
  ca: string,
  error: string | undefined,
  options: NonNullable<OldServer["options"]>,
): Promise<void> {
  const meet = async (
    more: NonNullable<OldServer["options"]>,
  ): Promise<TlsSocketInfo | null> => {
    await using socket = await connectTls({
      hostname: "127.0.0.1",
      servername: "localhost",
      port,
      caCerts: [ca],
      ...more,
    });
    return socket.info;
  };
  const failure = await meet({}).then(() => undefined, (reason) => reason);
  if (error === undefined) assertEquals(failure, undefined);
  else {
    assert(failure instanceof TlsError, String(failure));
    assert(
      [failure.verifyError, failure.alert, failure.reason].includes(error),
      failure.message,
    );
  }
  assert(await meet(options));
}
