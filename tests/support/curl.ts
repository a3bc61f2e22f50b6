import { assertEquals } from "@std/assert";
import { BODY, type Fleet } from "./fleet.ts";
import { Folder } from "./temp_folder.ts";
import { run } from "./programs.ts";

/** Has curl fetch two pages of a fleet, on a connection each. */
export async function fetchTwice(
  fleet: Fleet,
  args: string[] = [],
): Promise<void> {
  await using folder = await Folder.make();
  const url = `https://localhost:${fleet.port}/`;
  const { code, stdout, stderr } = await run("curl", [
    "-q",
    "--silent",
    "--show-error",
    "--noproxy",
    "*",
    "--resolve",
    `localhost:${fleet.port}:127.0.0.1`,
    "--cacert",
    folder.certificate,
    ...args,
    `${url}1`,
    `${url}2`,
  ]);
  assertEquals(code, 0, stderr);
  assertEquals(stdout, BODY + BODY);
}
