import type { VisitOptions } from "../client/visit_types.ts";
import type { Probing } from "../probe.ts";

/**
 * The control of a probe: a new session is resumed if nothing is changed. A probe whose session
 * was refused calls it, for a server that resumes nothing refuses it for no good reason.
 *
 * @param options Where and how the session is made and offered.
 * @throws {NotApplicable} If the server doesn't resume under these options.
 * @throws {Error} If it resumed before the probes, and doesn't now.
 */
export async function controlled(
  probing: Probing,
  options: VisitOptions = {},
): Promise<void> {
  const session = await probing.session(options);
  const { resumed } = await probing.visit({
    ...options,
    session,
    title: "Control: the session, unchanged",
  });
  if (resumed) return;
  const isDefault = Object.keys(options).length === 0;
  if (isDefault && probing.survey.kinds[probing.kind].resumed) {
    throw new Error(
      "An unchanged session, which the server resumed before, is not resumed now: it says nothing that a changed one isn't",
    );
  }
  const where = options.name === undefined ? "" : ` at ${shown(options.name)}`;
  probing.notApplicable(`The server resumes no such session${where}`);
}

/** A name of a server in a sentence. */
export function shown(name: string | null): string {
  return name ?? "no name";
}
