/** docs/starttls.md: its client asks a mail server for TLS, and shows its certificate. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { startTls, TlsContext, type TlsSocket } from "@sesame/tls";
import { createTestCertificate } from "@sesame/tls/testing";

const PAGE = Deno.readTextFileSync(
  new URL("../../docs/starttls.md", import.meta.url),
);

type SecureMail = (
  conn: Deno.TcpConn,
  hostname: string,
  context: TlsContext,
) => Promise<TlsSocket>;

describe("docs/starttls.md", () => {
  it("has a client that goes on over TLS", async () => {
    const { cert, key } = createTestCertificate();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served = serveMail(listener, { cert, key });
    const conn = await Deno.connect({ port: listener.addr.port });
    using context = new TlsContext({ caCerts: [cert], cert, key });
    await using socket = await clientOf(PAGE)(conn, "localhost", context);
    await socket.write(new TextEncoder().encode("QUIT"));
    assertEquals(await served, "QUIT of CN=localhost");
  });
});

/** The function of the page. */
function clientOf(page: string): SecureMail {
  const [, code = ""] = /^```ts\n(.*?)^```$/ms.exec(page) ?? [];
  const plain = code.replace(/^import .*\n/gm, "")
    .replace(
      /(?:\w+): (?:Deno\.TcpConn|string|TlsContext)\b/g,
      (named) => named.split(":")[0] ?? "",
    )
    .replace(/\): Promise<\w+>/g, ")");
  return new Function("startTls", `${plain}\nreturn secureMail;`)(startTls);
}

/** A mail server for one client: what that says over TLS, and who it is. */
async function serveMail(
  listener: Deno.TcpListener,
  { cert, key }: { cert: string; key: string },
): Promise<string> {
  const conn = await listener.accept();
  const bytes = new Uint8Array(100);
  const say = (line: string): Promise<number> =>
    conn.write(new TextEncoder().encode(`${line}\r\n`));
  await say("220 mail.example.com");
  await conn.read(bytes);
  await say("250-STARTTLS");
  await conn.read(bytes);
  await say("220 Ready");
  using context = new TlsContext({
    cert,
    key,
    caCerts: [cert],
    clientAuth: "require",
  });
  await using socket = startTls(conn, { role: "server", context });
  const length = await socket.read(bytes) ?? 0;
  const said = new TextDecoder().decode(bytes.subarray(0, length));
  return `${said} of ${socket.info?.peerCertificate?.subject}`;
}
