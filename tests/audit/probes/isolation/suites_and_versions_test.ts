import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { assertVerdict, verdictsOf } from "../../findings_of.ts";
import { type FrontAnswer, helloFront } from "../../wrong/hello_front.ts";
import { laxSessions } from "../../wrong/lax_sessions.ts";
import { LibsslServer } from "../../wrong/libssl_server.ts";
import type { SeenHello } from "../../wrong/seen_hello.ts";
import {
  clock,
  ofResumedKinds,
  rightServer,
  rightServers,
} from "./right_servers.ts";

const SHA256_BYTES = 32;
const TLS_AES_256_GCM_SHA384 = 0x1302;
/** The cipher suite of TLS 1.2 that a server of OpenSSL chooses. */
const AES_256 = 0xc02c;

/** A server of OpenSSL's, which yet resumes some sessions that OpenSSL refuses. */
function front(mayResume: (hello: SeenHello) => boolean): {
  server: LibsslServer;
  connect: () => ReturnType<LibsslServer["connect"]>;
} {
  const server = new LibsslServer();
  const refused = (hello: SeenHello): FrontAnswer =>
    mayResume(hello) ? 0 : null;
  return { server, ...helloFront(server, { refused }) };
}

for (
  const id of [
    "isolation/other-cipher",
    "isolation/other-hash",
    "isolation/other-version",
  ]
) {
  describe(id, () => {
    it("passes at OpenSSL's server and at contexts", async () => {
      using server = new LibsslServer();
      await assertVerdict(server, id, "pass");
      for (const [context, passes] of rightServers()) {
        const verdicts = await verdictsOf(context, id, { clock });
        const expected = Object.entries(passes)
          .filter(([kind]) => Object.hasOwn(verdicts, kind));
        assertEquals(ofResumedKinds(verdicts), Object.fromEntries(expected));
      }
    });

    it("fails where all sessions that are found are made to fit", async () => {
      // With and without a HelloRetryRequest.
      for (const groups of [undefined, "P-384"]) {
        using server = laxSessions(groups);
        const verdicts = await verdictsOf(server, id);
        const found = Object.keys(verdicts)
          .filter((kind) => kind !== "tls1.2-ticket");
        assertEquals(
          ofResumedKinds(verdicts),
          Object.fromEntries(found.map((kind) => [kind, "fail"])),
        );
      }
    });
  });
}

describe("isolation/other-cipher", () => {
  it("fails where tickets are resumed with any cipher suite", async () => {
    const { server, connect } = front(() => true);
    using _server = server;
    await assertVerdict(connect, "isolation/other-cipher", "fail");
  });

  it("warns of a session's cipher suite that wasn't offered", async () => {
    // As GnuTLS does; the server is told that it was.
    using server = new LibsslServer({
      onBytes: (bytes) => withSuite(bytes, AES_256),
    });
    const id = "isolation/other-cipher";
    const { severity } = await assertVerdict(server, id, "warn");
    assertEquals(severity, "low");
  });

  it("needs a second cipher suite", async () => {
    const server = rightServer({
      configure: [["CipherString", "ECDHE-ECDSA-AES128-GCM-SHA256"]],
    });
    await assertVerdict(server, "isolation/other-cipher", "not applicable", {
      clock,
    });
  });
});

describe("isolation/other-hash", () => {
  const id = "isolation/other-hash";

  it("fails where a PSK is selected by its binder alone", async () => {
    const { server, connect } = front(({ cipherSuites: [suite], binders }) =>
      suite === TLS_AES_256_GCM_SHA384 && binders[0]?.length === SHA256_BYTES
    );
    using _server = server;
    await assertVerdict(connect, id, "fail");
  });

  it("needs a cipher suite of another hash", async () => {
    const server = rightServer({
      configure: [["Ciphersuites", "TLS_AES_256_GCM_SHA384"]],
    });
    await assertVerdict(server, id, "not applicable", { clock });
  });

  it("says whether another suite of the same hash will do", async () => {
    using server = new LibsslServer();
    const { facts } = await assertVerdict(server, id, "pass");
    assertEquals(facts.sameHashResumed, true);
  });
});

describe("isolation/other-version", () => {
  const id = "isolation/other-version";

  it("fails where tickets are good for both versions", async () => {
    const { server, connect } = front(() => true);
    using _server = server;
    await assertVerdict(connect, id, "fail");
  });

  it("needs two versions", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const server = rightServer({ minVersion: version, maxVersion: version });
      await assertVerdict(server, id, "not applicable", { clock });
    }
  });
});

/** Has the only cipher suite of a ClientHello that proposes a session be another. */
function withSuite(bytes: Uint8Array, suite: number): Uint8Array {
  const idLengthAt = 5 + 4 + 2 + 32;
  const idLength = bytes[idLengthAt] ?? 0;
  const lengthAt = idLengthAt + 1 + idLength;
  const isHello = bytes[0] === 22 && bytes[5] === 1;
  const hasOneSuite = bytes[lengthAt] === 0 && bytes[lengthAt + 1] === 2;
  if (!isHello || idLength === 0 || !hasOneSuite) return bytes;
  const changed = bytes.slice();
  changed.set([suite >> 8, suite & 0xff], lengthAt + 2);
  return changed;
}
