/** Random bytes, which are drawn in advance (wasm/random.c). */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  SSL_OP_NO_TICKET,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
} from "../../src/libssl/mod.ts";
import { Peers } from "../support/peers.ts";

/** Enough to draw several times. */
const CONNECTIONS = 40;
/** Random bytes of this length are alike by no chance. */
const PART = 8;

describe("Random bytes of connections", () => {
  for (const version of [TLS1_2_VERSION, TLS1_3_VERSION]) {
    it(`are no others' in version ${version.toString(16)}`, () => {
      using peers = new Peers();
      const { libssl } = peers;
      const server = peers.server({ version, options: SSL_OP_NO_TICKET });
      const client = peers.client();
      const known = new Set<string>();
      let count = 0;
      for (let i = 0; i < CONNECTIONS; i++) {
        const pair = peers.connect(server, client);
        for (
          const bytes of [
            libssl.SSL_get_client_random(pair.client),
            libssl.SSL_get_server_random(pair.client),
            libssl.SSL_SESSION_get_id(peers.session(pair)),
          ]
        ) {
          for (let at = 0; at + PART <= bytes.length; at++, count++) {
            known.add(bytes.subarray(at, at + PART).toHex());
          }
        }
      }
      assertEquals(known.size, count);
    });
  }
});
