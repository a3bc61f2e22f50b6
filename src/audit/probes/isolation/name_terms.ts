import type { VisitOptions } from "../../client/visit_types.ts";
import type { Probing } from "../../probe.ts";
import { isAdmitted, visited } from "../admission.ts";
import { shown } from "./control.ts";

/** What a server showed and asked for in a full handshake. */
export interface Terms {
  readonly name: string | null;
  readonly admitted: boolean;
  readonly certificateRequested: boolean;
  /** SHA-256 of its certificate. */
  readonly certificate: string | null;
}

/** The terms of a name: by a full handshake. */
export async function termsAt(
  probing: Probing,
  options: VisitOptions & { name: string | null },
): Promise<Terms> {
  const title = `A full handshake at ${shown(options.name)}`;
  const visit = await visited(probing, { title, ...options });
  return {
    name: options.name,
    admitted: isAdmitted(visit),
    certificateRequested: visit.certificateRequested,
    certificate: visit.certificate,
  };
}

/** Whether two names have the same terms. */
export function sameTerms(
  probing: Probing,
  one: Terms,
  other: Terms,
): boolean {
  return one.admitted === other.admitted &&
    one.certificateRequested === other.certificateRequested &&
    (one.certificate === other.certificate ||
      shareCertificate(probing, one.name, other.name));
}

/**
 * Whether two names have shown the same certificate in this audit. Servers behind one address may
 * each have their own.
 */
export function shareCertificate(
  probing: Probing,
  one: string | null,
  other: string | null,
): boolean {
  const others = probing.certificatesOf(other);
  return [...probing.certificatesOf(one)].some((shown) => others.has(shown));
}

/** The audit's name, if it is one of DNS: an address isn't sent as a server_name. */
export function hostNameOf(probing: Probing): string {
  const { name } = probing;
  if (name.includes(":") || !/[a-z]/i.test(name)) {
    probing.notApplicable(
      `${name} is an address, which is not sent as a name: give a name (--name)`,
    );
  }
  return name;
}
