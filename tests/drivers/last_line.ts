/** The last line of a text that is awaited. */
export async function lastLine(text: Promise<string>): Promise<string> {
  return (await text).trimEnd().split("\n").at(-1) ?? "";
}
