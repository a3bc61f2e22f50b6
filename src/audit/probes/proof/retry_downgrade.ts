import {
  COOKIE,
  KEY_SHARE,
  SESSION_TICKET,
  SUPPORTED_VERSIONS,
} from "../../client/hello/codes.ts";
import type { Hello } from "../../client/hello_types.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  type Attempt,
  CONTROL_CONNECTIONS,
  controlled,
  refusalOf,
  tryUntilResumed,
} from "../attempts.ts";
import {
  identityIn,
  removeExtensions,
  setExtension,
  withoutKeyShares,
} from "../hello_edits.ts";

/** Second hellos that a server takes for ones of TLS 1.2. */
const SECOND_HELLOS: readonly (readonly [
  title: string,
  edit: (hello: Hello) => void,
])[] = [
  ["a second hello of TLS 1.2", (hello) => {
    downgrade(hello);
    hello.identities = [];
  }],
  ["a second hello of TLS 1.2 that has the PSK still", downgrade],
  ["a second hello of TLS 1.2 that has the PSK as its ticket", (hello) => {
    downgrade(hello);
    setExtension(hello, SESSION_TICKET, identityIn(hello, "tls1.3"));
    hello.identities = [];
  }],
];

const downgraded: Probe = {
  id: "proof/retry-downgrade",
  title: "A second hello of TLS 1.2 doesn't resume the first hello's session",
  severity: "critical",
  kinds: ["tls1.3"],
  needs: [],
  connections: CONTROL_CONNECTIONS + 2 * SECOND_HELLOS.length,
  references: ["CVE-2026-34873", "RFC 8446, 4.1.4"],
  explain: {
    sends:
      "A session of TLS 1.3 in a hello without a key share. After the HelloRetryRequest, a hello without supported_versions, which is one of TLS 1.2: without the session, with it, and with its identity as a ticket of TLS 1.2.",
    expects: "An alert. A full handshake harms nobody.",
    why:
      "Mbed TLS 3.5.0 to 3.6.5 and 4.0.0 resumed such a session with a master secret of zeros: whoever saw a ticket could be its client.",
  },
  advice: "Update the TLS library (Mbed TLS: 3.6.6 or 4.1.0)",
  run: (probing) => {
    if (!probing.survey.versions.includes("TLSv1.2")) {
      probing.notApplicable("The server doesn't speak TLS 1.2");
    }
    return controlled(probing, () => judge(probing));
  },
};

async function judge(probing: Probing): Promise<ProbeResult> {
  const tried = await tryUntilResumed(probing, attemptsOf(probing));
  if (!tried.some(({ answer }) => answer.retried)) {
    probing.notApplicable(
      "The server answers a hello without a key share by no HelloRetryRequest",
    );
  }
  return refusalOf(tried, { passes: "No such hello is resumed" });
}

async function* attemptsOf(probing: Probing): AsyncGenerator<Attempt> {
  for (const [title, editSecond] of SECOND_HELLOS) {
    yield {
      title,
      session: await probing.session(),
      version: "both",
      edit: withoutKeyShares,
      editSecond,
    };
  }
}

function downgrade(hello: Hello): void {
  removeExtensions(hello, SUPPORTED_VERSIONS, KEY_SHARE, COOKIE);
}

/** The probe of CVE-2026-34873. */
export const probes: readonly Probe[] = [downgraded];
