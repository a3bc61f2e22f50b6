/** A piece of HTML or XML, as opposed to text, which is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in markup: text, which is escaped, markup, and lists of them. */
export type MarkupPart = string | Markup | readonly MarkupPart[];

/** Markup whose interpolated strings are escaped. */
export function markup(
  strings: TemplateStringsArray,
  ...parts: MarkupPart[]
): Markup {
  return new Markup(
    strings.map((string, i) =>
      (i > 0 ? rendered(parts[i - 1] ?? []) : "") + string
    )
      .join(""),
  );
}

/** An HTML page without scripts and external resources, whose styles are all in `style`. */
export function htmlPage(
  { title, heading, style, body }: {
    title: string;
    heading: string;
    style: string;
    body: MarkupPart;
  },
): string {
  return markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(style)}</style>
<h1>${heading}</h1>
${body}</html>
`.text;
}

function rendered(part: MarkupPart): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escaped(part);
  return part.map(rendered).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
