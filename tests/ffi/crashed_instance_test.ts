/** What becomes of connections whose OpenSSL has crashed: they end, and so does nothing else. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { connectTls, listenTls, OpenSSL, TlsError } from "@sesame/tls";
import type { Ptr } from "../../src/ffi/pointers.ts";
import { opensslInternals } from "../../src/libssl/openssl_internals.ts";
import { certificate } from "../support/engines.ts";
import { HOSTNAME } from "../support/listeners.ts";

/** Crashes an instance, by what no caller can do: C frees what is nowhere. */
function crash(openssl: OpenSSL): void {
  const { c } = opensslInternals.get(openssl).sessionAge["ffi"];
  assertThrows(
    () => c.SSL_free(0x7fff_fff0 as Ptr<"SSL">),
    TlsError,
    "crashed",
  );
}

describe("An instance that crashes", () => {
  it("fails its connections, and gives their transports back", async () => {
    const openssl = new OpenSSL();
    const failures: unknown[] = [];
    const listener = listenTls({
      hostname: HOSTNAME,
      port: 0,
      ...certificate,
      openssl,
      onConnectionError: (error) => failures.push(error),
    });
    const { port } = listener.addr;
    const taken = listener.accept();
    const visitor = { hostname: HOSTNAME, port, caCerts: [certificate.cert] };
    const client = await connectTls(visitor);
    const server = await taken;
    await server.opened;
    // One in the middle of its handshake, too.
    const silent = await Deno.connect({ hostname: HOSTNAME, port });
    while (listener.stats.handshaking === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    crash(openssl);
    await client.writable.getWriter().write(Uint8Array.of(1));
    await assertRejects(() => server.closed, TlsError, "crashed");
    await assertRejects(() => client.closed, TlsError);
    await assertRejects(() => connectTls(visitor), TlsError);
    await silent.write(Uint8Array.of(1));
    assertEquals(await silent.read(new Uint8Array(1)), null);
    silent.close();
    listener.close();
    assertEquals(failures.length, 2);
    for (const error of failures) {
      assert(error instanceof TlsError && error.code === "instance-dead");
    }
  });
});
