import type { HelloOptions } from "../../client/hello_types.ts";
import type { ResumptionKind } from "../../finding.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  answerText,
  control,
  CONTROL_CONNECTIONS,
  offer,
} from "../attempts.ts";
import { greased } from "./grease.ts";
import { pad } from "../hello_edits.ts";
import { needsResumption } from "../trial.ts";

const ALL: readonly ResumptionKind[] = [
  "tls1.2-id",
  "tls1.2-ticket",
  "tls1.3",
];

/** A hello that is sent or filled in an unusual way, and that a server should resume as any other. */
interface UnusualHello extends HelloOptions {
  readonly title: string;
}

const SPLIT: readonly UnusualHello[] = [
  { title: "records of 64 bytes", recordBytes: 64 },
  { title: "one record, sent in pieces of 100 bytes", writeBytes: 100 },
  {
    title: "records of 200 bytes, each sent in two pieces",
    recordBytes: 200,
    writeBytes: 103,
  },
];

const LARGE: readonly UnusualHello[] = [
  padded("512 bytes of padding", 512),
  padded("4 KB of padding", 4096),
  padded("15 KB of padding: almost a record", 15 * 1024),
  padded("16 KB of padding: two records", 16 * 1024),
];

/** Key shares of the first two; the others are for servers that ask for them. */
const POST_QUANTUM_GROUPS = "*X25519MLKEM768:*X25519:P-256:P-384";

const POST_QUANTUM: readonly UnusualHello[] = [
  {
    title: "key shares of X25519MLKEM768 and X25519",
    groups: POST_QUANTUM_GROUPS,
  },
  {
    title:
      "key shares of X25519MLKEM768 and X25519, sent in pieces of 500 bytes",
    groups: POST_QUANTUM_GROUPS,
    writeBytes: 500,
  },
];

const UNKNOWN: readonly UnusualHello[] = [
  {
    title: "unknown cipher suites, extensions, versions and groups (GREASE)",
    edit: greased,
  },
];

/** A probe of hellos that a server should resume as it does others. */
function unusualHelloProbe(
  probe: Omit<Probe, "needs" | "connections" | "run">,
  hellos: readonly UnusualHello[],
): Probe {
  return {
    ...probe,
    needs: [],
    connections: CONTROL_CONNECTIONS + 2 * hellos.length,
    run: (probing) => judge(probing, hellos),
  };
}

async function judge(
  probing: Probing,
  hellos: readonly UnusualHello[],
): Promise<ProbeResult> {
  needsResumption(probing);
  const outcomes: string[] = [];
  const wrong: string[] = [];
  for (const unusual of hellos) {
    const session = await probing.session();
    const answer = await offer(probing, {
      ...unusual,
      title: `A session in a hello with ${unusual.title}`,
      session,
    });
    const outcome = `${unusual.title}: ${answerText(answer)}`;
    outcomes.push(outcome);
    if (!answer.resumed) wrong.push(outcome);
  }
  if (wrong.length > 0) await control(probing);
  return {
    verdict: wrong.length === 0 ? "pass" : "warn",
    summary: wrong.length === 0
      ? `Resumed: ${hellos.map(({ title }) => title).join("; ")}`
      : `Not resumed as other hellos are: ${wrong.join("; ")}`,
    facts: { outcomes },
  };
}

function padded(title: string, count: number): UnusualHello {
  return { title, edit: (hello) => pad(hello, count) };
}

const EXPECTS = "A resumption, as of any other hello.";

/** The probes of unusual hellos. */
export const probes: readonly Probe[] = [
  unusualHelloProbe({
    id: "robustness/split-hello",
    title: "A hello in several records and packets resumes its session",
    severity: "medium",
    kinds: ALL,
    references: ["RFC 8446, 5.1", "RFC 5246, 6.2.1"],
    explain: {
      sends:
        "A session in a hello that is split into records of 64 bytes, sent in pieces of 100 bytes, and both.",
      expects: EXPECTS,
      why:
        "TCP and TLS may split a hello anywhere, and post-quantum ones are split always. Servers and proxies that expect the whole hello in one packet fail.",
    },
    advice: "Update the TLS library, or the proxy before it that reads hellos",
  }, SPLIT),
  unusualHelloProbe({
    id: "robustness/large-hello",
    title: "A large hello resumes its session",
    severity: "low",
    kinds: ALL,
    references: ["RFC 7685, 3", "RFC 8446, 5.1"],
    explain: {
      sends: "A session in hellos with 512 bytes to 16 KB of padding.",
      expects: EXPECTS,
      why:
        "Post-quantum key shares and tickets make hellos large. Servers with small buffers fail.",
    },
    advice: "Raise the limit of the size of hellos, or update the TLS library",
  }, LARGE),
  unusualHelloProbe({
    id: "robustness/post-quantum",
    title: "A post-quantum hello resumes its session",
    severity: "medium",
    kinds: ["tls1.3"],
    references: ["RFC 8446, 4.2.8", "draft-ietf-tls-ecdhe-mlkem"],
    explain: {
      sends:
        "A session in a hello with a key share of X25519MLKEM768, which fills more than a packet, and one of X25519.",
      expects: EXPECTS,
      why: "Browsers send such hellos by default.",
    },
    advice: "Update the TLS library, or the proxy before it that reads hellos",
  }, POST_QUANTUM),
  unusualHelloProbe({
    id: "robustness/unknown-values",
    title: "Unknown extensions and suites don't keep a session from resuming",
    severity: "medium",
    kinds: ALL,
    references: ["RFC 8701, 3", "RFC 8446, 4.2"],
    explain: {
      sends:
        "A session in a hello with reserved cipher suites, extensions, versions, groups and PSK modes, which no server knows (GREASE).",
      expects: EXPECTS,
      why:
        "A server that doesn't ignore values that it doesn't know fails with later extensions and versions of TLS.",
    },
    advice: "Update the TLS library, or the proxy before it that reads hellos",
  }, UNKNOWN),
];
