import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  connectTls,
  type ConnectTlsOptions,
  type NetErrorFields,
  OpenSSL,
  TlsError,
  type TlsListener,
  type TlsSocket,
} from "@sesame/tls";
import { certificate, contextOf } from "../../support/engines.ts";
import {
  failureOf,
  hear,
  NOTHING_LEFT,
  tlsErrorOf,
} from "../../support/sockets.ts";
import {
  CLOSED_PORT,
  HOSTNAME,
  listen,
  optionsFor,
} from "../../support/listeners.ts";

const { cert } = certificate;

describe("connectTls fails", NOTHING_LEFT, () => {
  let tcp: Deno.TcpListener;
  beforeEach(() => {
    tcp = Deno.listen({ hostname: HOSTNAME, port: 0 });
  });
  afterEach(() => tcp.close());

  const options = (more: Partial<ConnectTlsOptions> = {}): ConnectTlsOptions =>
    optionsFor({ addr: tcp.addr } as TlsListener, more);

  it("where nobody listens", async () => {
    const error = await assertRejects(
      () => connectTls({ ...options(), port: CLOSED_PORT }),
      Deno.errors.ConnectionRefused,
      `Cannot connect to ${HOSTNAME}:${CLOSED_PORT}: `,
    );
    const { syscall, address, port, code } = error as Error & NetErrorFields;
    assertEquals([syscall, address, port, code], [
      "connect",
      HOSTNAME,
      CLOSED_PORT,
      "ECONNREFUSED",
    ]);
  });

  it("and leaves nothing of a context of its own", async () => {
    const openssl = new OpenSSL();
    const dial = (): Promise<TlsSocket> =>
      connectTls({ ...options({ openssl }), port: CLOSED_PORT });
    await failureOf(dial());
    // Some of OpenSSL's objects are made once and stay.
    const { handles } = openssl.memory;
    await failureOf(dial());
    assertEquals(openssl.memory.handles, handles);
  });

  it("where the server speaks no TLS", async () => {
    const connecting = connectTls(options());
    const conn = await tcp.accept();
    await conn.read(new Uint8Array(10_000));
    await conn.write(new TextEncoder().encode("220 mail.example ESMTP\r\n"));
    conn.close();
    const { message } = await tlsErrorOf(connecting, "handshake");
    assertStringIncludes(message, "; the peer seems not to speak TLS");
  });

  it("where there is nobody to trust and no permission", async () => {
    const program = `
      import { connectTls } from "${new URL(
      "../../../mod.ts",
      import.meta.url,
    )}";
      await connectTls({ hostname: "localhost", port: 1 }).catch((error) =>
        console.log(error.name, error.message, error.cause?.name)
      );`;
    const deno = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-lock", "-"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    await new Blob([program]).stream().pipeTo(deno.stdin);
    const { stdout } = await deno.output();
    assertMatch(
      new TextDecoder().decode(stdout),
      /^NotCapable options\.caCerts is missing, .* need --allow-sys --allow-env=NODE_USE_SYSTEM_CA NotCapable$/m,
    );
  });

  it("where the server says nothing, in time", async () => {
    const connecting = connectTls(options({ handshakeTimeout: 20 }));
    const conn = await tcp.accept();
    await tlsErrorOf(connecting, "timeout");
    conn.close();
  });

  it("where the server ends", async () => {
    const connecting = connectTls(options());
    const conn = await tcp.accept();
    await conn.read(new Uint8Array(10_000));
    conn.close();
    await tlsErrorOf(connecting, "truncated");
  });

  it("where the server resets", async () => {
    const connecting = connectTls(options());
    const conn = await tcp.accept();
    conn.close(); // with the hello unread
    const error = await failureOf(connecting);
    assertInstanceOf(error, TlsError);
    assert(["transport", "truncated"].includes(error.code));
  });

  it("where the server speaks something else", async () => {
    const connecting = connectTls(options());
    const conn = await tcp.accept();
    await conn.read(new Uint8Array(10_000));
    await conn.write(new TextEncoder().encode("220 mail.test ESMTP\r\n"));
    await conn.closeWrite();
    await tlsErrorOf(connecting, "handshake");
    conn.close();
  });

  for (const when of ["before", "during the handshake"]) {
    it(`by its signal, ${when}`, async () => {
      const reason = new Error("no more");
      const controller = new AbortController();
      if (when === "before") controller.abort(reason);
      const failure = failureOf(
        connectTls(options({ signal: controller.signal })),
      );
      if (when !== "before") {
        const conn = await tcp.accept();
        controller.abort(reason);
        conn.close();
      }
      assertStrictEquals(await failure, reason);
    });
  }

  it("by its signal, later: that ends the socket", async () => {
    const { listener } = listen();
    const accepted = listener.accept();
    const reason = new Error("no more");
    const controller = new AbortController();
    const { signal } = controller;
    const socket = await connectTls(optionsFor(listener, { signal }));
    await using peer = await accepted;
    const failure = failureOf(hear(socket));
    controller.abort(reason);
    assertStrictEquals(await failure, reason);
    assertStrictEquals(await failureOf(socket.closed), reason);
    await failureOf(hear(peer));
    listener.close();
  });

  const wrong: [Record<string, unknown>, typeof Error, string][] = [
    [{ hostname: "" }, TypeError, 'received ""'],
    [{ port: 70_000 }, RangeError, "received 70000"],
    [{ session: {} }, TypeError, "options.session"],
    [{ sessions: {} }, TypeError, "no method get"],
    [{ sessions: new Map() }, TypeError, "received a Map"],
    [{ alpn: ["h2"] }, TypeError, "options.alpn is not an option"],
    [{ context: {}, caCerts: undefined }, TypeError, "options.context"],
    [{ context: contextOf(), caCerts: [cert] }, TypeError, "options.caCerts"],
    [{ handshakeTimeout: 0 }, RangeError, "options.handshakeTimeout"],
    [{ signal: {} }, TypeError, "options.signal"],
    [{ onStoreError: 1 }, TypeError, "options.onStoreError"],
    [{ earlyData: "x" }, TypeError, "options.earlyData"],
    [{ earlyData: new Uint8Array(1) }, TypeError, "options.session"],
  ];
  for (const [more, type, message] of wrong) {
    it(`where ${Object.keys(more)[0]} is wrong: ${message}`, async () => {
      await assertRejects(() => connectTls(options(more)), type, message);
    });
  }
});
