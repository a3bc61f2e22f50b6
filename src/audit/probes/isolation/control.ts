import type { VisitOptions } from "../../client/visit_types.ts";
import type { Probing } from "../../probe.ts";
import { control, needsResumption } from "../trial.ts";

/** The most connections of {@linkcode confirmResumption}. */
export const CONTROL_CONNECTIONS = 2;

/**
 * The control of a probe whose session was refused: a session that is offered unchanged must be
 * resumed.
 *
 * @param options Where and how the session is made and offered.
 * @throws {NotApplicable} If the server resumes nothing of this kind.
 * @throws {Error} If it resumes others, but not this one.
 */
export async function confirmResumption(
  probing: Probing,
  options: VisitOptions = {},
): Promise<void> {
  const { name } = options;
  if (name === undefined || name === probing.name) {
    needsResumption(probing);
    await control(probing, options);
    return;
  }
  const { open, sessions } = await probing.visit(options);
  if (!open) {
    probing.notApplicable(`${shown(name)} turns the client away in any case`);
  }
  const session = sessions.find(({ kind }) => kind === probing.kind);
  if (session !== undefined) {
    const title = `Control: a session of ${shown(name)} there again`;
    const visit = await probing.visit({ ...options, session, title });
    if (visit.resumed) return;
  }
  probing.notApplicable(`${shown(name)} resumes no session of its own`);
}

/** A name of a server in a sentence. */
export function shown(name: string | null): string {
  return name ?? "no name";
}
