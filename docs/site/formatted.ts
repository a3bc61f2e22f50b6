/** Markdown as `deno fmt` has it. */
export async function formatted(page: string): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const printed = new Response(process.stdout).text();
  await new Blob([page]).stream().pipeTo(process.stdin);
  const text = await printed;
  if (!(await process.status).success) throw new Error("deno fmt failed");
  return text;
}
