import { assert, assertEquals } from "@std/assert";
import {
  connectTls,
  type ConnectTlsOptions,
  type Resumption,
  TlsContext,
  TlsSession,
  type TlsVersion,
} from "@sesame/tls";
import { certificate } from "./engines.ts";
import { delay, only, storeAfter } from "./fleet.ts";

const STORE_MS = 5;

/** What came of a visit. */
interface Visit {
  readonly text: string;
  readonly resumption: Resumption | null;
  readonly session: TlsSession | undefined;
}

/** How a session is kept from one visit to the next. */
export type Keeping = "as bytes" | "in a slow store";

/**
 * Visits another's server twice with our client, each time in a new context: what the
 * server answered.
 */
export async function visitTwice(
  port: number,
  version: TlsVersion,
  keeping: Keeping,
): Promise<[first: string, second: string]> {
  const options = keeping === "in a slow store"
    ? { sessions: storeAfter(() => delay(STORE_MS)) }
    : {};
  const first = await visit(port, version, options);
  assertEquals(first.resumption, { resumed: false, reason: "none-offered" });
  assert(first.session);
  const session = TlsSession.fromBytes(first.session.toBytes());
  const second = await visit(
    port,
    version,
    keeping === "as bytes" ? { session } : options,
  );
  assertEquals(second.resumption, { resumed: true, from: "session" });
  return [first.text, second.text];
}

async function visit(
  port: number,
  version: TlsVersion,
  options: Partial<ConnectTlsOptions>,
): Promise<Visit> {
  using context = new TlsContext({
    caCerts: [certificate.cert],
    ...only(version),
  });
  await using socket = await connectTls({
    hostname: "127.0.0.1",
    port,
    context,
    ...options,
  });
  assertEquals(socket.info?.protocol, version);
  const writer = socket.writable.getWriter();
  await writer.write(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
  const [text, sessions] = await Promise.all([
    new Response(socket.readable).text(),
    Array.fromAsync(socket.sessions),
  ]);
  await socket.close();
  return { text, resumption: socket.resumption, session: sessions.at(-1) };
}
