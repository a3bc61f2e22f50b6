/**
 * Records of every length between our kernels and another implementation's ciphers:
 * rustls, in Deno's own client. tests/kernels has the kernels alone.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { listenTls } from "../../mod.ts";
import { leafOf } from "../support/leaf_certificate.ts";

const LONGEST = 1100;
/** More than a record holds, and what is left over. */
const LONG = [16_384, 16_385, 40_001];

describe("Records of every length, there and back", () => {
  const { root, cert, key } = leafOf("localhost");
  const message = crypto.getRandomValues(new Uint8Array(65_536)).subarray(
    0,
    40_001,
  );

  for (
    const [version, command, ciphers, name = ciphers] of [
      ["TLSv1.3", "Ciphersuites", "TLS_AES_128_GCM_SHA256"],
      ["TLSv1.3", "Ciphersuites", "TLS_AES_256_GCM_SHA384"],
      ["TLSv1.3", "Ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"],
      [
        "TLSv1.2",
        "CipherString",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      ],
      [
        "TLSv1.2",
        "CipherString",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      ],
    ] as const
  ) {
    it(`with ${name}`, async () => {
      await using listener = listenTls({
        ...{ port: 0, hostname: "127.0.0.1", cert, key },
        ...{ minVersion: version, maxVersion: version },
        configure: [[command, ciphers]],
      });
      const served = (async () => {
        for await (const socket of listener) {
          assertEquals((await socket.opened).cipher, name);
          // Deno's client has no close_notify: the end is a surprise.
          await socket.readable.pipeTo(socket.writable).catch(() => {});
          break;
        }
      })();
      using client = await Deno.connectTls({
        hostname: "localhost",
        port: listener.addr.port,
        caCerts: [root],
      });
      const lengths = [...Array(LONGEST).keys(), ...LONG];
      const parts = lengths.map((length) => message.subarray(0, length));
      const sent = await new Blob(parts).bytes();
      const got = new Uint8Array(sent.length);
      const writing = write(client, parts);
      const reader = client.readable.getReader({ mode: "byob" });
      const { value } = await reader.read(got, { min: sent.length });
      await writing;
      assertEquals(value, sent);
      client.close();
      await served;
    });
  }
});

async function write(
  client: Deno.TlsConn,
  parts: Uint8Array<ArrayBuffer>[],
): Promise<void> {
  const writer = client.writable.getWriter();
  for (const part of parts) await writer.write(part);
}
