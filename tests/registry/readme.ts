/** The examples of README.md. */
const README = new URL("../../README.md", import.meta.url);

/** An example. */
export interface Example {
  /** The heading that it stands under. */
  readonly heading: string;
  /** Its code, TypeScript. */
  readonly code: string;
}

/** Those that are TypeScript and run as they stand, in order. */
export async function readmeExamples(): Promise<Example[]> {
  const text = await Deno.readTextFile(README);
  const examples: Example[] = [];
  let heading = "";
  const parts = text.matchAll(/^#+ (.+)$|^```ts\n([^]*?)^```$/gm);
  for (const [, title, code] of parts) {
    if (title !== undefined) heading = title;
    else if (code !== undefined) examples.push({ heading, code });
  }
  return examples;
}
