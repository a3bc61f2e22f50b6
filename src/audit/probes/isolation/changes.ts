import type { Probe, ProbeResult, Probing, ServerChange } from "../../probe.ts";
import {
  isAdmitted,
  isLetIn,
  visited,
  VISITED_CONNECTIONS,
  visitedWhereAsked,
} from "../admission.ts";
import { failureOf } from "../trial.ts";
import { confirmResumption, CONTROL_CONNECTIONS } from "./control.ts";

const MINUTE_MS = 60_000;
const CONNECTIONS = CONTROL_CONNECTIONS + 1 + 2 * VISITED_CONNECTIONS;

/** Sessions that outlive what they were made by: a certificate, a CA, a validity. */
export const probes: readonly Probe[] = [
  {
    id: "isolation/changed-certificate",
    title:
      "A session isn't resumed after the server's certificate was replaced",
    severity: "low",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["change"],
    connections: CONNECTIONS,
    references: ["RFC 8446, 4.6.1", "RFC 5077, 5.5"],
    explain: {
      sends:
        "A session that was made before the server's certificate was replaced, after it was.",
      expects:
        "A full handshake. A server may resume it: the client decides, by the certificate that it has verified (RFC 8446, 4.6.1).",
      why:
        "If the certificate was replaced because its key was stolen, or because the host has a new owner, sessions that were made with the old certificate remain usable.",
    },
    advice:
      "Replace ticket keys and empty session caches when a certificate is replaced for security",
    run: runChangedCertificate,
  },
  {
    id: "isolation/changed-client-ca",
    title:
      "A session isn't resumed after the server ceased to trust its client's CA",
    severity: "high",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["certificate", "change"],
    connections: CONNECTIONS,
    references: ["CVE-2025-68121", "Envoy 47219", "RFC 8446, 4.6.1"],
    explain: {
      sends:
        "A session that was made with the client certificate, after the server ceased to trust its CA.",
      expects:
        "A full handshake, in which the client is turned away, as it is without the session.",
      why:
        "Otherwise clients whose CA is no longer trusted are admitted until their sessions expire, and longer if the server renews them.",
    },
    advice:
      "Verify the session's certificate on resumption (BoringSSL: SSL_CTX_set_reverify_on_resume; Sesame: revalidate), or change session id context, caches and ticket keys with the CAs",
    run: (probing) => runLockedOut(probing, "client CA"),
  },
  {
    id: "isolation/revoked-certificate",
    title: "A session isn't resumed after its client's certificate was revoked",
    severity: "high",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["certificate", "change"],
    connections: CONNECTIONS,
    references: ["Envoy 47219", "RFC 8446, 4.6.1"],
    explain: {
      sends:
        "A session that was made with the client certificate, after it was revoked.",
      expects:
        "A full handshake, in which the client is turned away, as it is without the session.",
      why:
        "Whoever has stolen a client's key can also have its sessions, and is admitted until they expire.",
    },
    advice:
      "Check the session's certificate for revocation on resumption (BoringSSL: SSL_CTX_set_reverify_on_resume; Sesame: revalidate or revoke), or turn resumption off for clients with certificates",
    run: (probing) => runLockedOut(probing, "client certificate revoked"),
  },
  {
    id: "isolation/expired-certificate",
    title: "A session isn't resumed after its client's certificate expired",
    severity: "high",
    kinds: ["tls1.2-id", "tls1.2-ticket", "tls1.3"],
    needs: ["certificate", "clock"],
    connections: CONNECTIONS,
    references: ["Envoy 47219", "RFC 8446, 4.6.1"],
    explain: {
      sends:
        "A session that was made with the client certificate a minute before that expired, a minute after.",
      expects:
        "A full handshake, in which the client is turned away, as it is without the session.",
      why: "The server would rely on a certificate that doesn't hold any more.",
    },
    advice:
      "End sessions with the client's certificate, or verify it on resumption (BoringSSL: SSL_CTX_set_reverify_on_resume)",
    run: runExpired,
  },
];

async function runChangedCertificate(probing: Probing): Promise<ProbeResult> {
  await confirmResumption(probing);
  const session = await probing.session();
  await probing.change("certificate");
  try {
    const full = await visited(probing, {
      title: "A full handshake after the change",
    });
    if (!full.open) {
      throw new Error(
        `After the change a full handshake fails: ${failureOf(full)}`,
      );
    }
    if (full.certificate === session.serverCertificate) {
      throw new Error(
        "After the change the server shows the certificate that it had before",
      );
    }
    const { resumed } = await visited(probing, {
      session,
      title: "The session of the former certificate",
    });
    return {
      verdict: resumed ? "warn" : "pass",
      summary: `A session made by the former certificate is ${
        resumed ? "resumed" : "not resumed"
      }`,
      facts: { resumed },
    };
  } finally {
    await probing.change("certificate");
  }
}

async function runLockedOut(
  probing: Probing,
  what: ServerChange,
): Promise<ProbeResult> {
  return await lockedOut(probing, {
    lockOut: () => probing.change(what),
    letIn: () => probing.change(what),
  });
}

async function runExpired(probing: Probing): Promise<ProbeResult> {
  const { certificateExpiresAt } = probing;
  if (certificateExpiresAt === null) {
    probing.notApplicable("There is no client certificate (--cert)");
  }
  await probing.advance(certificateExpiresAt - probing.now() - MINUTE_MS);
  return await lockedOut(probing, {
    lockOut: () => probing.advance(2 * MINUTE_MS),
    // The engine puts the clock back.
    letIn: () => Promise.resolve(),
  });
}

/** Makes a session with the client certificate, locks its owner out, and offers it. */
async function lockedOut(
  probing: Probing,
  { lockOut, letIn }: Record<"lockOut" | "letIn", () => Promise<void>>,
): Promise<ProbeResult> {
  if (probing.survey.clientCertificate === "none") {
    probing.notApplicable(
      `${probing.name} asks for no client certificate: if another name does, give that as the first (--name)`,
    );
  }
  const certificate = "first";
  await confirmResumption(probing, { certificate });
  const session = await probing.session({ certificate });
  await lockOut();
  try {
    const full = await visitedWhereAsked(probing, {
      certificate,
      title: "A full handshake with the certificate",
    });
    if (isAdmitted(full)) {
      probing.notApplicable(
        "The server accepts the client certificate in a full handshake all the same",
      );
    }
    const offer = await visited(probing, {
      certificate,
      session,
      title: "The session of the certificate",
    });
    const facts = { resumed: offer.resumed, admitted: isAdmitted(offer) };
    return isLetIn(facts)
      ? {
        verdict: "fail",
        summary:
          "The client is turned away in a full handshake, and let in by its session",
        facts,
      }
      : {
        verdict: "pass",
        summary: "The client is turned away in spite of its session",
        facts,
      };
  } finally {
    await letIn();
  }
}
