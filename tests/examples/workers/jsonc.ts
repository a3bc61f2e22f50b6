/** Reads JSON with lines of comments, as the examples' configurations have them. */
export function parse<T>(text: string): T {
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, ""));
}
