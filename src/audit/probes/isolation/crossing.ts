import type { Visit, VisitOptions } from "../../client/visit_types.ts";
import { NotApplicable, type Probing } from "../../probe.ts";
import { isAdmitted, visited, VISITED_CONNECTIONS } from "../admission.ts";
import { failureOf } from "../trial.ts";
import { shown } from "./control.ts";
import { shareCertificate } from "./name_terms.ts";

/** The result of offering a session of one name at another. */
export interface Crossing {
  readonly from: string | null;
  readonly to: string | null;
  readonly resumed: boolean;
  /** Whether the connection that offered it was let in. */
  readonly admitted: boolean;
  /** Whether the same client is turned away at `to` after a full handshake. */
  readonly refusedInFull: boolean;
  /** Whether both names show the same certificate. */
  readonly sameCertificate: boolean;
}

/** Two names, and how a client visits them. */
export interface CrossingOptions extends Pick<VisitOptions, "certificate"> {
  readonly from: string | null;
  readonly to: string | null;
}

/** The most connections of {@linkcode cross}. */
export const CROSSING_CONNECTIONS = 1 + 2 * VISITED_CONNECTIONS;

/**
 * Makes a session under one name, offers it under another, and learns what a full handshake is
 * like there.
 *
 * @throws {NotApplicable} If the server gives no session under the first name.
 * @throws {Error} If the full handshake says nothing.
 */
export async function cross(
  probing: Probing,
  { from, to, ...client }: CrossingOptions,
): Promise<Crossing> {
  const session = await probing.session({ ...client, name: from });
  const there = { ...client, name: to };
  const offer = await visited(probing, {
    ...there,
    session,
    title: `A session of ${shown(from)} at ${shown(to)}`,
  });
  const full = offer.open && !offer.resumed ? offer : await visited(probing, {
    ...there,
    title: `A full handshake at ${shown(to)}`,
  });
  if (isLost(full)) {
    throw new Error(
      `A full handshake at ${shown(to)} doesn't complete: ${failureOf(full)}`,
    );
  }
  return {
    from,
    to,
    resumed: offer.resumed,
    admitted: isAdmitted(offer),
    refusedInFull: !isAdmitted(full) &&
      !(hasCertificate(probing, client) && isUnasked(full)),
    sameCertificate: full.certificate !== null &&
      (full.certificate === session.serverCertificate ||
        shareCertificate(probing, from, to)),
  };
}

function hasCertificate(
  { certificateExpiresAt }: Probing,
  { certificate }: Pick<VisitOptions, "certificate">,
): boolean {
  return certificateExpiresAt !== null && certificate !== "none";
}

/**
 * Whether a client that has a certificate had no occasion to show it: that an answer of HTTP then
 * asks for one, as nginx's does without a server name, doesn't turn away who it is.
 */
function isUnasked({ open, certificateRequested }: Visit): boolean {
  return open && !certificateRequested;
}

/**
 * Whether a connection was lost before the server had asked for anything: on its way, as what
 * stands before a server cuts off certificates that are large.
 */
function isLost({ open, failure, certificateRequested }: Visit): boolean {
  return !open && failure?.kind !== "alert" && !certificateRequested;
}

/** Crosses in both directions. One in which there is no session is left out. */
export async function crossBothWays(
  probing: Probing,
  { from, to, ...client }: CrossingOptions,
): Promise<Crossing[]> {
  const crossings: Crossing[] = [];
  for (const way of [{ from, to }, { from: to, to: from }]) {
    try {
      crossings.push(await cross(probing, { ...client, ...way }));
    } catch (error) {
      if (!(error instanceof NotApplicable)) throw error;
    }
  }
  return crossings;
}
