/** What an error says of a certificate that was refused, as data and for people. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  TlsContext,
  type TlsContextOptions,
  TlsEngine,
  TlsError,
} from "@sesame/tls";
import type { TestCertificate } from "@sesame/tls/testing";
import { crlOf, pki } from "../../support/credentials.ts";
import { VERSIONS } from "../../support/site.ts";

const caCerts = [pki.ca.cert];
const revoked = pki.issue({ hosts: ["localhost"] });

/** The errors of both ends of a handshake that fails. */
function failed(
  server: TlsContextOptions,
  client: TlsContextOptions,
  hostname = "localhost",
): { client: TlsError | null; server: TlsError | null } {
  using serving = new TlsContext(server);
  using visiting = new TlsContext(client);
  using one = new TlsEngine(serving, { role: "server" });
  using other = new TlsEngine(visiting, { role: "client", hostname });
  for (let turns = 0; turns < 6; turns++) {
    for (const [from, to] of [[other, one], [one, other]] as const) {
      const bytes = from.send();
      if (to.state === "failed" || bytes.length === 0) continue;
      try {
        to.receive(bytes);
      } catch (error) {
        assertEquals(error, to.error);
      }
    }
  }
  return { client: other.error, server: one.error };
}

interface Refusal {
  readonly certificate: TestCertificate;
  readonly verifyError: string;
  readonly alert: string;
  readonly hostname?: string;
  readonly client?: TlsContextOptions;
}

const REFUSALS: Record<string, Refusal> = {
  "an expired one": {
    certificate: pki.expired,
    verifyError: "CERT_HAS_EXPIRED",
    alert: "certificate expired",
  },
  "one that isn't valid yet": {
    certificate: pki.notYetValid,
    verifyError: "CERT_NOT_YET_VALID",
    alert: "bad certificate",
  },
  "one of an unknown authority": {
    certificate: pki.untrusted,
    verifyError: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    alert: "unknown CA",
  },
  "a self-signed one": {
    certificate: pki.selfSigned,
    verifyError: "DEPTH_ZERO_SELF_SIGNED_CERT",
    alert: "unknown CA",
  },
  "one for clients": {
    certificate: pki.wrongUsage,
    verifyError: "INVALID_PURPOSE",
    alert: "unsupported certificate",
  },
  "one of another host": {
    certificate: pki.server,
    verifyError: "HOSTNAME_MISMATCH",
    alert: "bad certificate",
    hostname: "other.test",
  },
  "one of another address": {
    certificate: pki.server,
    verifyError: "IP_ADDRESS_MISMATCH",
    alert: "bad certificate",
    hostname: "127.0.0.2",
  },
  "a revoked one": {
    certificate: revoked,
    verifyError: "CERT_REVOKED",
    alert: "certificate revoked",
    client: {
      crl: [crlOf(pki.ca), crlOf(pki.intermediate, [revoked])],
    },
  },
};

describe("The certificate of a server is refused, and both errors say why", () => {
  for (const version of VERSIONS) {
    for (const [what, refusal] of Object.entries(REFUSALS)) {
      it(`${what}: ${version}`, () => {
        const { certificate, verifyError, alert, hostname } = refusal;
        const { client, server } = failed(
          certificate,
          { caCerts, maxVersion: version, ...refusal.client },
          hostname,
        );
        assertEquals(fieldsOf(client), {
          code: "certificate",
          alert,
          reason: "certificate verify failed",
          verifyError,
        });
        assertEquals(server?.alert, alert);
        assertEquals(server?.verifyError, undefined);
        assert(server?.reason?.includes("alert"), server?.reason);
      });
    }
  }
});

describe("The certificate of a client is refused, and both errors say why", () => {
  const asking: TlsContextOptions = {
    ...pki.server,
    caCerts,
    clientAuth: "require",
  };
  for (const version of VERSIONS) {
    it(`an expired one: ${version}`, () => {
      const expired = pki.issue({
        usage: "client",
        notAfter: new Date(Date.now() - 1000),
      });
      const { client, server } = failed(asking, {
        ...expired,
        caCerts,
        maxVersion: version,
      });
      assertEquals(fieldsOf(server), {
        code: "certificate",
        alert: "certificate expired",
        reason: "certificate verify failed",
        verifyError: "CERT_HAS_EXPIRED",
      });
      assertEquals(client?.alert, "certificate expired");
    });

    it(`none: ${version}`, () => {
      const { client, server } = failed(asking, {
        caCerts,
        maxVersion: version,
      });
      const alert = version === "TLSv1.3"
        ? "certificate required"
        : "handshake failure";
      assertEquals(fieldsOf(server), {
        code: "handshake",
        alert,
        reason: "peer did not return a certificate",
        verifyError: undefined,
      });
      assertEquals(client?.alert, alert);
    });
  }
});

describe("A host name that doesn't match", () => {
  it("is named with those of the certificate", () => {
    const { client } = failed(pki.server, { caCerts }, "other.test");
    assertStringIncludes(
      client?.message ?? "",
      "hostname mismatch: expected other.test, but it is for DNS:localhost:",
    );
  });

  it("is named with some of many names", () => {
    const hosts = Array.from({ length: 40 }, (_, i) => `host-${i}.test`);
    const { client } = failed(pki.issue({ hosts }), { caCerts }, "other.test");
    const { length } = client?.message ?? "";
    assert(length < 400, `${length}`);
    assertStringIncludes(client?.message ?? "", "DNS:host-0.test, ");
    assertStringIncludes(client?.message ?? "", "...");
  });
});

function fieldsOf(error: TlsError | null): unknown {
  if (!(error instanceof TlsError)) return error;
  const { code, alert, reason, verifyError } = error;
  return { code, alert, reason, verifyError };
}
