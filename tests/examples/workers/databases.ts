import { deepEqual, equal, match } from "node:assert/strict";
import { addressOf, type Example, type Visit } from "./visit.ts";

const PASSWORD = "open sesame";

/** PostgreSQL says whose certificate it has seen. */
export const postgres: Example = {
  name: "postgres",
  servers: ["postgres"],
  maxGzip: 1050,
  isPlain: false,
  visit: (visit) =>
    asUsers(visit, "postgres", (user) => ({
      version: "TLSv1.3",
      client_dn: `/O=Test/CN=${user}`,
      current_user: user,
    }), /certificate authentication failed for user "alice"/),
};

/** MariaDB lets nobody in as `alice` without her certificate. */
export const mysql: Example = {
  name: "mysql",
  servers: ["mariadb"],
  maxGzip: 1450,
  isPlain: false,
  visit: (visit) =>
    asUsers(visit, "mariadb", (user) => ({
      user: `${user}@%`,
      version: "TLSv1.3",
    }), /Access denied for user 'alice'/),
};

/** Both users get in by a certificate each, and nobody by another's. */
async function asUsers(
  { servers, start, measure }: Visit,
  server: string,
  expected: (user: string) => object,
  refusal: RegExp,
): Promise<void> {
  const { cert, key } = servers.site;
  const client = { password: PASSWORD, cert, key };
  const alice = {
    password: PASSWORD,
    ...servers.pki.issue({
      commonName: "alice",
      subject: { O: "Test" },
      usage: "client",
    }),
  };
  const address = addressOf(servers, server);
  {
    await using worker = await start({
      ...address,
      USERS: JSON.stringify({ client, alice }),
    });
    await measure(worker, async () => {
      deepEqual(await worker.json("client"), expected("client"));
    });
    deepEqual(await worker.json("alice"), expected("alice"));
    const nobody = await worker.fetch("nobody");
    equal(nobody.status, 404);
    await nobody.body?.cancel();
  }
  await using worker = await start({
    ...address,
    USERS: JSON.stringify({ alice: client }),
  });
  const response = await worker.fetch("alice");
  match(await response.text(), refusal);
  equal(response.status, 500);
}
