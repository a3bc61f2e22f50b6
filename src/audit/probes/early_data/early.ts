import type { ClientSession } from "../../client/session.ts";
import type { Visit, VisitOptions } from "../../client/visit_types.ts";
import type { Probing } from "../../probe.ts";

/** Makes a full handshake, and returns a session of it that allows early data. */
export async function earlySession(
  probing: Probing,
  options: VisitOptions = {},
): Promise<ClientSession> {
  const session = await probing.session(options);
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
  return probing.visit({
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

/** Stops the probe unless the server accepts early data of a session that was made so. */
export async function control(
  probing: Probing,
  options: VisitOptions = {},
): Promise<void> {
  const session = await earlySession(probing, options);
  const visit = await sendEarly(probing, session, {
    ...options,
    title: "Early data as it should be",
  });
  if (!isAccepted(visit)) {
    probing.notApplicable("The server rejects all early data");
  }
}

/** The connections of {@linkcode control}. */
export const CONTROL_CONNECTIONS = 2;
