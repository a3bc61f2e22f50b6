import type { ClientSession } from "../../client/session.ts";
import type { Visit, VisitOptions } from "../../client/visit_types.ts";
import { noSession } from "../../no_session.ts";
import type { Probing } from "../../probe.ts";

/** The group of servers that ask for another than the client guesses: they reject early data. */
const askedFor = new WeakMap<Probing, string>();

/** Makes a full handshake, and returns a session of it, whether or not it allows early data. */
export async function newSession(
  probing: Probing,
  options: VisitOptions = {},
): Promise<ClientSession> {
  const full = await probing.visit(options);
  const { sessions, retried, group } = full;
  if (retried && group !== null) askedFor.set(probing, group);
  const session = sessions.find(({ kind }) => kind === probing.kind);
  if (session === undefined) throw noSession(full);
  return session;
}

/** Makes a full handshake, and returns a session of it that allows early data. */
export async function earlySession(
  probing: Probing,
  options: VisitOptions = {},
): Promise<ClientSession> {
  const session = await newSession(probing, options);
  if (session.maxEarlyData === 0) {
    probing.notApplicable("The server's tickets allow no early data");
  }
  return session;
}

/** What is sent where the audit has no request. */
const EMPTY_LINE = new TextEncoder().encode("\r\n");

/** Offers a session with early data, and sends nothing more. */
export function sendEarly(
  probing: Probing,
  session: ClientSession,
  options: VisitOptions = {},
): Promise<Visit> {
  const { request } = probing;
  const data = request.length === 0 ? EMPTY_LINE : request;
  const groups = askedFor.get(probing);
  return probing.visit({
    ...(groups !== undefined && { groups }),
    earlyData: data.subarray(0, session.maxEarlyData),
    use: () => Promise.resolve(),
    ...options,
    session,
  });
}

/**
 * Whether the server accepted early data. Its EncryptedExtensions tell it where OpenSSL's client
 * ends the connection because it shouldn't have.
 */
export function isAccepted({ earlyData, trace }: Visit): boolean {
  return earlyData === "accepted" ||
    trace.messages({ from: "server", name: "EncryptedExtensions" })
      .some(({ message }) =>
        message.extensions.some(({ name }) => name === "early_data")
      );
}

/**
 * Makes an attempt that a server should reject, until it is accepted, and at most twice. In
 * between, early data as it should be must be accepted: a server that has just started to record
 * early data rejects all (RFC 8446, 8.2), and so says nothing by the first time.
 *
 * @param attempt Makes a session and offers it.
 * @param options How sessions are made and offered that should be accepted.
 */
export async function attempted(
  probing: Probing,
  attempt: () => Promise<Visit>,
  options: VisitOptions = {},
): Promise<Visit> {
  const visit = await attempt();
  if (isAccepted(visit)) return visit;
  await control(probing, options);
  return await attempt();
}

/** The connections of {@linkcode attempted}, with attempts of two. */
export const ATTEMPTED_CONNECTIONS = 2 + 4 + 2;

/** Stops the probe if the server rejects early data as it should be twice. */
async function control(
  probing: Probing,
  options: VisitOptions,
): Promise<void> {
  for (let i = 0; i < 2; i++) {
    const session = await earlySession(probing, options);
    const visit = await sendEarly(probing, session, {
      ...options,
      title: "Control: early data as it should be",
    });
    if (isAccepted(visit)) return;
  }
  rejectsAll(probing);
}

/** Stops the probe at a server that accepts no early data. */
export function rejectsAll(probing: Probing): never {
  probing.notApplicable("The server rejects all early data");
}
