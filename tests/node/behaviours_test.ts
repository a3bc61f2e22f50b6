/** That ours tells what Node.js 24's own `node:tls` tells, in the same order. */
import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import tls from "../../src/node/mod.ts";
import { describeWithNode24, inNode24 } from "../support/node24.ts";
import { PKI } from "../support/node_tls.ts";
import { type AllTold, behaviours } from "./behaviours/run.ts";
import { CASES } from "./behaviours/cases.ts";
import type { Tls } from "./behaviours/scene.ts";

const RUN = new URL("./behaviours/run.ts", import.meta.url);
const CERTIFICATES = {
  ca: PKI.ca.cert,
  otherCa: PKI.otherCa.cert,
  server: { cert: PKI.server.cert, key: PKI.server.key },
  client: { cert: PKI.client.cert, key: PKI.client.key },
};

describeWithNode24("behaviours of node:tls, as Node.js 24 has them", () => {
  let theirs: AllTold;
  let ours: AllTold;

  it("all end", async () => {
    [theirs, ours] = await Promise.all([
      inNode24<AllTold>(RUN, CERTIFICATES),
      behaviours(tls as unknown as Tls, CERTIFICATES),
    ]);
  });

  for (const name of Object.keys(CASES)) {
    for (const version of ["TLSv1.2", "TLSv1.3"]) {
      const key = `${name}, ${version}`;
      it(key, () => assertEquals(ours[key], theirs[key]));
    }
  }
});
