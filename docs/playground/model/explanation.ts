import type { ResumptionFailure, ResumptionSource } from "../../../mod.ts";
import type { Visit } from "./run.ts";

/** How a connection went. */
export type Verdict = "resumed" | "full" | "failed";

/** A text that explains how a connection ended. */
export interface Explanation {
  readonly verdict: Verdict;
  /** In a few words. */
  readonly title: string;
  /** In a sentence or two. */
  readonly text: string;
  /** The library's word for it: `Resumption.reason` or `from`, or the error's message. */
  readonly term: string;
}

/** Explains a connection: whether it resumed a session, from where, or why not. */
export function explain(visit: Visit): Explanation {
  const { client, server } = visit.pair;
  if (visit.plan.replays !== null) return replayed(visit);
  if (client.error || server.error || server.state !== "open") {
    return failed(visit);
  }
  const { resumption } = server;
  if (resumption?.resumed) {
    return {
      verdict: "resumed",
      title: "Resumed",
      text: resumedText(visit, resumption.from) + earlyDataText(visit),
      term: `from: "${resumption.from}"`,
    };
  }
  const reason = reasonOf(visit);
  const [title, text] = isRandomId(visit)
    ? RANDOM_ID
    : isOlderVersion(visit)
    ? OLDER_VERSION
    : REASONS[reason];
  return {
    verdict: "full",
    title: `Full handshake: ${title}`,
    text: text + earlyDataText(visit),
    term: `reason: "${reason}"`,
  };
}

/** The reason of the endpoint that knows it: a client doesn't offer a session that has expired. */
function reasonOf({ pair: { client, server } }: Visit): ResumptionFailure {
  const [here, there] = [client.resumption, server.resumption].map((given) =>
    given?.resumed === false ? given.reason : undefined
  );
  return (there === "none-offered" ? here : there) ?? "none-offered";
}

/** Whether a server of TLS 1.2 has looked up the random id of a hello that also offers TLS 1.3. */
function isRandomId({ session, pair: { server } }: Visit): boolean {
  const { resumption } = server;
  return session === null && resumption?.resumed === false &&
    resumption.reason === "unknown-id";
}

function isOlderVersion({ session, pair: { server } }: Visit): boolean {
  return session?.protocol === "TLSv1.3" &&
    server.info?.protocol === "TLSv1.2";
}

function failed({ pair: { client, server }, trace }: Visit): Explanation {
  const alert = trace.events.find((event) =>
    event.type === "alert" && event.level === "fatal"
  );
  const said = alert?.type === "alert"
    ? `The ${alert.from} ended it with the alert ${alert.name}. `
    : "";
  const first = alert?.from === "server" ? server.error : client.error;
  const error = first ?? server.error ?? client.error;
  const cause = error === null
    ? "Each endpoint waits for the other."
    : `${error.message}.`;
  return {
    verdict: "failed",
    title: "The handshake failed",
    text: said + cause + advice(alert?.type === "alert" ? alert.name : ""),
    term: error === null ? "stalled" : `code: "${error.code}"`,
  };
}

function advice(alert: string): string {
  const text = ADVICE[alert];
  return text === undefined ? "" : ` ${text}`;
}

const ADVICE: Readonly<Record<string, string>> = {
  bad_record_mac:
    "A byte that differs changes the transcript, from which both endpoints derive their keys: the first encrypted record can't be decrypted.",
  decrypt_error:
    "The binder proves that the hello comes from someone who has the session's secret. It covers the whole hello.",
  certificate_required:
    "In TLS 1.3 the client learns of it after its own handshake is done.",
  certificate_expired:
    "Certificates of the sandbox are valid for 90 days of its clock.",
};

function replayed(visit: Visit): Explanation {
  const { storeCalls, earlyData, pair: { server } } = visit;
  const look = storeCalls.find(({ operation }) =>
    operation === "get" || operation === "take"
  );
  const found = look === undefined
    ? "They offer no session that is in the store."
    : look.outcome === "hit"
    ? "The session was still in the store, so that the server selected it."
    : "The session had been taken out of the store, so that the server chose a full handshake.";
  const early = earlyData === ""
    ? "No early data was accepted."
    : `Early data was accepted: ${JSON.stringify(earlyData)}.`;
  return {
    verdict: "failed",
    title: earlyData === "" ? "The replay failed" : "The replay was accepted",
    text:
      `The bytes that the client sent before reach another server. ${found} ${early} Whoever replays bytes doesn't have the client's keys: the rest of the handshake doesn't match the server's new random.`,
    term: server.error === null
      ? "the server waits for the client's Finished"
      : `code: "${server.error.code}"`,
  };
}

function earlyDataText({ pair: { client }, earlyData }: Visit): string {
  switch (client.info?.earlyData) {
    case "accepted":
      return ` The server read ${earlyData.length} bytes of early data before the handshake was done.`;
    case "rejected":
      return " The early data was rejected: the client has to send it again.";
    default:
      return "";
  }
}

function resumedText({ plan }: Visit, from: ResumptionSource): string {
  const server = `Server ${plan.server.name}`;
  switch (from) {
    case "store":
      return `${server} found the client's session in the store, which both servers share. It shows no certificate and signs nothing.`;
    case "ticket":
      return `${server} decrypted the session in the client's ticket, with a key that both servers have. There is no store.`;
    default:
      return `${server} took the session that the client proposed.`;
  }
}

const RANDOM_ID = [
  "the client offered no session",
  "It has none. Its hello still has a session id: a random one for middleboxes (RFC 8446, appendix D.4), which a server of TLS 1.2 can't tell from one of its own, so it looked it up.",
] as const;

const OLDER_VERSION = [
  "the session is of another version",
  "The client's session is of TLS 1.3, and this server speaks at most TLS 1.2: it sees only a random session id, which is not in the store.",
] as const;

const REASONS: Readonly<
  Record<ResumptionFailure, readonly [title: string, text: string]>
> = {
  "none-offered": [
    "the client offered no session",
    "It had none: this is its first connection, or the servers gave it none.",
  ],
  "disabled": [
    "the server doesn't resume sessions",
    'The server has tickets: "off".',
  ],
  "unknown-id": [
    "the store doesn't have the session",
    "The client offered an id that the store doesn't know: it was never written, was removed, or was taken by an earlier connection.",
  ],
  "id-not-ours": [
    "the session id has no valid MAC",
    "With sessionIdKey, ids without a MAC by one of the keys are not looked up.",
  ],
  "expired": [
    "the session has expired",
    "Its lifetime of two hours (sessionTimeout) had ended, so that the client no longer offered it.",
  ],
  "too-old": [
    "the last full handshake is too long ago",
    "It is longer ago than maxSessionAge.",
  ],
  "certificate-expired": [
    "a certificate has expired since",
    "A session ends with the first of the certificates that were verified.",
  ],
  "context-mismatch": [
    "the session is bound to something else",
    "It was found, but it was made for another server name, or under another policy for client certificates. A session stands for what was verified then.",
  ],
  "version-mismatch": [
    "the session is of another version",
    "The handshake negotiated another version than the session's.",
  ],
  "cipher-mismatch": [
    "the session has another cipher suite",
    "The server doesn't allow the session's cipher suite.",
  ],
  "group-mismatch": [
    "the session was made with another group",
    "The server doesn't allow the group of the session's key exchange any more.",
  ],
  "ticket-rejected": [
    "the server can't decrypt the ticket",
    "The ticket was encrypted by the other server, with a key that this one doesn't have. Fleets share ticketKeys, or a store.",
  ],
  "store-failed": [
    "the store failed",
    "The look-up failed, which onStoreError is told of. A failure of the store costs a full handshake, never the connection.",
  ],
  "not-revalidated": ["revalidate refused the session", "It returned false."],
  "revalidation-failed": ["revalidate failed", "It threw or rejected."],
  "deadline": [
    "the store took too long",
    "The look-up took longer than lookupTimeout, so that the server went on without it.",
  ],
  "malformed-record": [
    "the record is damaged",
    "The store returned bytes whose checksum is wrong. They are not given to OpenSSL, and the record is removed.",
  ],
  "refused": [
    "OpenSSL refused the session",
    "The store returned a session that OpenSSL doesn't take.",
  ],
  "server-declined": [
    "the server declined the session",
    "The client offered a session, and the server selected none.",
  ],
};
