import type { TlsContext } from "@sesame/tls";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ServerChange } from "@sesame/tls/audit";
import { crlOf } from "../../../support/credentials.ts";
import { assertVerdict, verdictsOf } from "../../findings_of.ts";
import { helloFront } from "../../wrong/hello_front.ts";
import { LibsslServer, PKI } from "../../wrong/libssl_server.ts";
import { clock, ofResumedKinds, rightServers } from "./right_servers.ts";

const HOUR_MS = 3_600_000;
const CA = [PKI.ca.cert];
const OTHER_CA = [PKI.otherCa.cert];
const OTHER_SERVER = PKI.issue();
const CLIENT = { cert: PKI.client.cert, key: PKI.client.key };

const ALL_FAIL = {
  "tls1.2-id": "fail",
  "tls1.2-ticket": "fail",
  "tls1.3": "fail",
};

/** A list in force at the time of the servers' clock. */
function listOf(
  issuer: typeof PKI.ca,
  revoked: readonly (typeof PKI.client)[],
): Uint8Array {
  const age = Date.now() - clock.now() + HOUR_MS;
  return crlOf(issuer, revoked, { age });
}

/** Calls `set` with whether the server is as it was, which each change turns round. */
function toggling(
  set: (isAsBefore: boolean, what: ServerChange) => void,
): (what: ServerChange) => void {
  let isAsBefore = true;
  return (what) => {
    isAsBefore = !isAsBefore;
    set(isAsBefore, what);
  };
}

/** OpenSSL, which resumes whatever became of the certificates. */
function wrongServer(): {
  server: LibsslServer;
  change: (what: ServerChange) => void;
} {
  const server = new LibsslServer({ trust: CA });
  const { ctx } = server;
  const change = toggling((isAsBefore, what) => {
    if (what === "certificate") {
      server.useCertificate(ctx, isAsBefore ? PKI.server : OTHER_SERVER);
    } else if (what === "client CA") {
      server.trust(ctx, isAsBefore ? CA : OTHER_CA);
    } else {
      const revoked = isAsBefore ? [] : [PKI.client];
      server.trust(ctx, CA, listOf(PKI.intermediate, revoked));
    }
  });
  return { server, change };
}

/** Changes a context, whose sessions are bound to its options. */
function changeOf(context: TlsContext): (what: ServerChange) => void {
  return toggling((isAsBefore, what) => {
    if (what === "certificate") {
      context.update(isAsBefore ? PKI.server : OTHER_SERVER);
    } else if (what === "client CA") {
      context.update({ caCerts: isAsBefore ? CA : OTHER_CA });
    } else {
      const revoked = isAsBefore ? [] : [PKI.client];
      context.update({
        crl: [listOf(PKI.ca, []), listOf(PKI.intermediate, revoked)],
      });
    }
  });
}

for (
  const id of [
    "isolation/changed-client-ca",
    "isolation/revoked-certificate",
    "isolation/expired-certificate",
  ]
) {
  describe(id, () => {
    it("passes where sessions end with what they were made by", async () => {
      const options = { clientAuth: "require", caCerts: CA } as const;
      for (const [context, passes] of rightServers(options)) {
        const change = changeOf(context);
        const verdicts = await verdictsOf(context, id, {
          ...CLIENT,
          clock,
          change,
        });
        assertEquals(ofResumedKinds(verdicts), passes);
      }
    });

    it("fails where they don't", async () => {
      const { server, change } = wrongServer();
      using _server = server;
      const options = { ...CLIENT, change };
      assertEquals(await verdictsOf(server, id, options), ALL_FAIL);
    });

    it("needs what it changes, and a server that cares", async () => {
      const { server, change } = wrongServer();
      using _server = server;
      await assertVerdict(server.connect, id, "not applicable", {
        ...CLIENT,
        change: {},
      });
      using open = new LibsslServer();
      const options = { ...CLIENT, change };
      await assertVerdict(open, id, "not applicable", options);
    });
  });
}

describe("isolation/changed-client-ca", () => {
  it("passes where a session is resumed, and its client turned away all the same", async () => {
    let status = "200 OK";
    using server = new LibsslServer({
      trust: CA,
      answer: () => new TextEncoder().encode(`HTTP/1.1 ${status}\r\n\r\n`),
    });
    const change = toggling((isAsBefore) => {
      status = isAsBefore ? "200 OK" : "403 Forbidden";
    });
    const { facts } = await assertVerdict(
      server,
      "isolation/changed-client-ca",
      "pass",
      { ...CLIENT, change },
    );
    assertEquals(facts, { resumed: true, admitted: false });
  });

  it("can't tell where one full handshake lets the client in, and another doesn't", async () => {
    let answers = 0;
    using server = new LibsslServer({
      trust: CA,
      answer: () => {
        const status = answers++ === 0 ? "403 Forbidden" : "200 OK";
        return new TextEncoder().encode(`HTTP/1.1 ${status}\r\n\r\n`);
      },
    });
    const { ctx } = server;
    const forgetful = server.newContext({ trust: CA, sessionIdContext: "new" });
    const change = toggling((isAsBefore) => {
      answers = 0;
      server.ctx = isAsBefore ? ctx : forgetful;
    });
    const id = "isolation/changed-client-ca";
    answers++;
    const options = { ...CLIENT, change };
    const { summary } = await assertVerdict(
      server,
      id,
      "inconclusive",
      options,
    );
    assertMatch(summary, /turned the client away, and another one let it in/);
  });

  it("needs a change that is made", async () => {
    using server = new LibsslServer({ trust: CA });
    const options = { ...CLIENT, change: () => {} };
    const id = "isolation/changed-client-ca";
    await assertVerdict(server, id, "not applicable", options);
  });
});

describe("isolation/changed-certificate", () => {
  const id = "isolation/changed-certificate";

  it("warns of sessions that outlive the certificate", async () => {
    const { server, change } = wrongServer();
    using _server = server;
    const options = { ...CLIENT, change };
    const { severity } = await assertVerdict(server, id, "warn", options);
    assertEquals(severity, "low");
  });

  it("passes where they end", async () => {
    using server = new LibsslServer();
    const change = toggling((isAsBefore) => {
      server.ctx = server.newContext({
        certificate: isAsBefore ? PKI.server : OTHER_SERVER,
      });
    });
    await assertVerdict(server, id, "pass", { change });
  });

  it("can't tell without a new certificate", async () => {
    using server = new LibsslServer();
    await assertVerdict(server, id, "inconclusive", { change: () => {} });
  });
});

describe("A server that lets nobody in after a change", () => {
  for (const answer of ["close", { alert: 40 }] as const) {
    it(`passes nothing by ${answer === "close" ? answer : "alerts"}`, async () => {
      using server = new LibsslServer({ trust: CA });
      let isBroken = false;
      const front = helloFront(server, {
        hello: () => isBroken ? answer : null,
      });
      const change = toggling((isAsBefore) => isBroken = !isAsBefore);
      for (const what of ["changed-certificate", "changed-client-ca"]) {
        const options = { ...CLIENT, change };
        const id = `isolation/${what}`;
        const { summary } = await assertVerdict(
          front,
          id,
          "inconclusive",
          options,
        );
        assertMatch(summary, /full handshake (fails|ended before)/);
      }
    });
  }
});
