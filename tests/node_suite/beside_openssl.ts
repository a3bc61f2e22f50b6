import { join } from "node:path";

/**
 * The program under a second name in a folder that has OpenSSL's command line as
 * `openssl-cli` beside it, which is where Node's tests look for it.
 */
export async function besideOpenssl(
  program: string,
  folder: string,
): Promise<string> {
  const copy = join(folder, program.split("/").at(-1) ?? "program");
  try {
    await Deno.link(program, copy);
  } catch {
    // On another file system.
    await Deno.copyFile(program, copy);
  }
  return copy;
}

/** Makes the folder for it. */
export async function opensslFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "sesame-" });
  const cli = join(folder, "openssl-cli");
  await Deno.writeTextFile(cli, '#!/bin/sh\nexec openssl "$@"\n', {
    mode: 0o755,
  });
  return folder;
}
