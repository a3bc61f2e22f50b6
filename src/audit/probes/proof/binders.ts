import { hashOf } from "../../client/hello/psk.ts";
import type { Hello, HelloIdentity } from "../../client/hello_types.ts";
import type { ClientSession } from "../../client/session.ts";
import type { Probe, ProbeResult, Probing } from "../../probe.ts";
import {
  type Attempt,
  CONTROL_CONNECTIONS,
  controlled,
  refusalOf,
  tryUntilResumed,
} from "../attempts.ts";

const TLS_AES_128_GCM_SHA256 = 0x1301;
const TLS_AES_256_GCM_SHA384 = 0x1302;
const ADVICE =
  "Update the TLS library: whoever has seen a ticket can begin handshakes, and send early data, without its key";
const WHY =
  "The binder proves that the client has the key of the session, and not only its ticket, which anybody on the path has seen.";
/** The length of an identity that no server knows. */
const UNKNOWN_BYTES = 32;
const PASSES = "The server refuses them all";

/** A binder that isn't right, and what sets it apart. */
type Alteration = readonly [
  title: string,
  alterBinder: NonNullable<HelloIdentity["alterBinder"]>,
];

const ALTERATIONS: readonly Alteration[] = [
  ["a binder whose first bit is changed", (binder) => changed(binder, 0, 0x80)],
  [
    "a binder whose last bit is changed",
    (binder) => changed(binder, binder.length - 1, 1),
  ],
  ["a binder of zeros", (binder) => new Uint8Array(binder.length)],
  ["a binder that is cut to its first byte", (binder) => binder.slice(0, 1)],
  ["an empty binder", () => new Uint8Array()],
];

const altered: Probe = {
  id: "proof/binder",
  title: "A PSK whose binder is wrong isn't resumed",
  severity: "high",
  kinds: ["tls1.3"],
  needs: [],
  connections: CONTROL_CONNECTIONS + 2 * ALTERATIONS.length,
  references: ["RFC 8446, 4.2.11.2"],
  explain: {
    sends:
      "Sessions with binders that are changed in one bit, made of zeros, cut to a byte, and empty.",
    expects: "An alert, such as decrypt_error.",
    why: WHY,
  },
  advice: ADVICE,
  run: (probing) => refused(probing, alteredBinders(probing)),
};

const otherHash: Probe = {
  id: "proof/binder-hash",
  title: "A PSK whose binder is of another hash isn't resumed",
  severity: "high",
  kinds: ["tls1.3"],
  needs: [],
  connections: CONTROL_CONNECTIONS + 2 * 2,
  references: ["RFC 8446, 4.2.11", "RFC 8446, 4.2.11.2"],
  explain: {
    sends:
      "A session whose binder is computed with SHA-384 in place of its own SHA-256, or the other way round: with all cipher suites, and with those of the wrong hash alone.",
    expects: "An alert, or a full handshake.",
    why:
      "A session belongs to the hash of its cipher suite. A server that lets the client choose derives keys of one secret in two ways.",
  },
  advice: "Update the TLS library",
  run: (probing) => refused(probing, bindersOfOtherHash(probing)),
};

const otherIdentity: Probe = {
  id: "proof/binder-identity",
  title: "A PSK whose binder is another session's isn't resumed",
  severity: "critical",
  kinds: ["tls1.3"],
  needs: [],
  connections: CONTROL_CONNECTIONS + 3 * 3,
  references: ["RFC 8446, 4.2.11", "RFC 8446, 4.2.11.2"],
  explain: {
    sends:
      "The identity of one session with the binder of another; two sessions with their binders exchanged; and a right binder at the place of an unknown identity, with a wrong one at that of the session.",
    expects: "An alert, such as decrypt_error.",
    why:
      "A server that compares any binder with any identity lets one client take the session of another.",
  },
  advice: ADVICE,
  run: (probing) => refused(probing, mixedBinders(probing)),
};

async function* alteredBinders(probing: Probing): AsyncGenerator<Attempt> {
  for (const [title, alterBinder] of ALTERATIONS) {
    yield {
      title: `A session with ${title}`,
      session: await probing.session(),
      edit: (hello): void => change(hello, { alterBinder }),
    };
  }
}

async function* bindersOfOtherHash(probing: Probing): AsyncGenerator<Attempt> {
  for (const isAlone of [false, true]) {
    const session = await probing.session();
    const suite = otherSuite(session);
    const other = session.with({ cipherSuite: suite });
    yield {
      title: `A session with a binder of another hash${
        isAlone ? ", and cipher suites of that hash alone" : ""
      }`,
      session,
      edit: (hello): void => {
        change(hello, { session: other });
        if (isAlone) hello.cipherSuites = [suite];
      },
    };
  }
}

async function* mixedBinders(probing: Probing): AsyncGenerator<Attempt> {
  for (const [title, identities] of MIXTURES) {
    const session = await probing.session();
    const other = await probing.session();
    const unknown = probing.random(UNKNOWN_BYTES);
    yield {
      title,
      session,
      edit: (hello): void => {
        hello.identities = identities(hello, session, other, unknown);
      },
    };
  }
}

/** Identities whose binders are of another's key. */
const MIXTURES: readonly [
  title: string,
  identities: (
    hello: Hello,
    session: ClientSession,
    other: ClientSession,
    unknown: Uint8Array,
  ) => HelloIdentity[],
][] = [
  [
    "An identity with the binder of another session",
    (hello, _session, other) => [named(hello, null, other)],
  ],
  ["Two identities with exchanged binders", (hello, session, other) => [
    named(hello, null, other),
    named(hello, other.ticket, session),
  ]],
  [
    "An identity whose binder is at the place of an unknown one",
    (hello, session, _other, unknown) => [
      named(hello, unknown, session),
      {
        ...named(hello, session.ticket, session),
        alterBinder: (binder) => new Uint8Array(binder.length),
      },
    ],
  ],
];

/** The identity of a hello, with another name or another key. */
function named(
  { identities: [first] }: Hello,
  identity: Uint8Array | null,
  session: ClientSession,
): HelloIdentity {
  return {
    obfuscatedAge: first?.obfuscatedAge ?? 0,
    identity: identity ?? first?.identity ?? new Uint8Array(),
    session,
  };
}

function refused(
  probing: Probing,
  attempts: AsyncIterable<Attempt>,
): Promise<ProbeResult> {
  return controlled(
    probing,
    async () =>
      refusalOf(await tryUntilResumed(probing, attempts), { passes: PASSES }),
  );
}

function change(hello: Hello, changes: Partial<HelloIdentity>): void {
  hello.identities = hello.identities.map((one) => ({ ...one, ...changes }));
}

function changed(bytes: Uint8Array, at: number, bits: number): Uint8Array {
  return bytes.map((byte, i) => i === at ? byte ^ bits : byte);
}

/** A cipher suite of the other hash. */
function otherSuite(session: ClientSession): number {
  return hashOf(session) === "SHA-384"
    ? TLS_AES_128_GCM_SHA256
    : TLS_AES_256_GCM_SHA384;
}

/** Probes of the binders of PSKs. */
export const probes: readonly Probe[] = [altered, otherHash, otherIdentity];
