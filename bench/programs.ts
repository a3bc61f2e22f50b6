/**
 * Programs that this machine may have.
 *
 * @module
 */
import { join } from "node:path";

/** The folders in which build.sh keeps a Debian 13, newest first. */
export function debianRoots(): string[] {
  const { env } = Deno;
  const cache = env.get("SESAME_CACHE") ??
    join(env.get("XDG_CACHE_HOME") ?? `${env.get("HOME")}/.cache`, "sesame");
  return [join(cache, "debian-13"), join(cache, "root")];
}

/** Runs a program to its end; false where there is none, too. */
export async function succeeds(
  program: string,
  args: string[],
): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, { args }).output();
    return success;
  } catch {
    return false;
  }
}
