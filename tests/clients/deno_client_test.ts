/**
 * Deno's own client, rustls, on our servers.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BODY, Fleet, only } from "../support/fleet.ts";
import { leafOf } from "../support/leaf_certificate.ts";

describe("Deno's own TLS client", () => {
  const { root, ...leaf } = leafOf("localhost");
  const caCerts = [root];
  // Deno doesn't let one choose a version, so the servers do; of a client that speaks
  // TLS 1.3 the first hello has a random id, for middleboxes (RFC 8446, appendix D.4).
  const firstReason = {
    "TLSv1.2": "unknown-id",
    "TLSv1.3": "none-offered",
  } as const;

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`resumes on the other server with ${version} in fetch()`, async () => {
      await using fleet = new Fleet({ ...only(version), ...leaf });
      using client = Deno.createHttpClient({ caCerts });
      for (let i = 0; i < 2; i++) {
        const url = `https://localhost:${fleet.port}/`;
        const response = await fetch(url, { client });
        assertEquals(await response.text(), BODY);
      }
      await fleet.assertResumed(version, firstReason[version]);
    });

    it(`proposes no session of ${version} in Deno.connectTls()`, async () => {
      await using fleet = new Fleet({ ...only(version), ...leaf });
      for (let i = 0; i < 2; i++) {
        const { port } = fleet;
        using socket = await Deno.connectTls({
          hostname: "localhost",
          port,
          caCerts,
        });
        await socket.write(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
        const answer = await new Response(socket.readable).text();
        assertEquals(answer.endsWith(BODY), true);
      }
      // Its sessions belong to the configuration, and every call makes one.
      await fleet.assertFull([firstReason[version], firstReason[version]]);
    });
  }
});
