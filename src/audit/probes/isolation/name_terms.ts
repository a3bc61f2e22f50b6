import type { VisitOptions } from "../../client/visit_types.ts";
import type { Probing } from "../../probe.ts";
import { answered, isAdmitted } from "../admission.ts";
import { shown } from "./control.ts";

/** What a server showed and asked for in a full handshake. */
export interface Terms {
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
  const visit = answered(await probing.visit({ title, ...options }));
  return {
    admitted: isAdmitted(visit),
    certificateRequested: visit.certificateRequested,
    certificate: visit.certificate,
  };
}

/** Whether two names have the same terms. */
export function sameTerms(one: Terms, other: Terms): boolean {
  return one.admitted === other.admitted &&
    one.certificateRequested === other.certificateRequested &&
    one.certificate === other.certificate;
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
