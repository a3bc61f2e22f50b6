/** What sockets tell of their peer, beside those of Node.js. */
import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import * as tls from "../../../src/node/mod.ts";
import { createTestCertificate } from "../../../src/testing/mod.ts";
import { pki } from "../../support/credentials.ts";
import { describeWithNode24, inNode24 } from "../../support/node24.ts";
import { factsOf, type Tls, type Visit } from "./connection_facts.ts";

const FACTS = new URL("connection_facts.ts", import.meta.url);

const SERVERS = {
  "a server of a chain": pki.server,
  "a server with an RSA key, signed by itself": createTestCertificate({
    keyType: "RSA-2048",
  }),
  "a server whose certificate has expired": pki.expired,
};

describeWithNode24(
  "a client's certificates and keys, beside Node.js 24's",
  () => {
    for (const [name, credentials] of Object.entries(SERVERS)) {
      it(`are the same of ${name}`, async () => {
        const server = tls.createServer(credentials, (socket) => {
          socket.on("error", () => {});
        });
        server.listen(0);
        await once(server, "listening");
        const { port } = server.address() as AddressInfo;
        const visits: Visit[] = [
          { port },
          { port, ca: pki.ca.cert },
          { port, ca: credentials.cert, maxVersion: "TLSv1.2" },
        ];
        const theirs = await inNode24<unknown[]>(FACTS, visits);
        for (const [i, visit] of visits.entries()) {
          assertEquals(await factsOf(tls as Tls, visit), theirs[i], `${i}`);
        }
        server.close();
        await once(server, "close");
      });
    }
  },
);
