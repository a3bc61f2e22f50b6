/** How much of a string an error quotes: it may be a key that was meant for another option. */
const QUOTED_CHARACTERS = 40;

/** What was passed, for errors: data as it would be written, and of all else what it is. */
export function received(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) {
    return value.length === 0 ? "an empty array" : "an array";
  }
  if (typeof value !== "object" || value === null) return String(value);
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object"
    ? `an object of class ${name}`
    : "an object";
}

function quoted(text: string): string {
  if (text.includes("-----BEGIN ")) return "a string of PEM";
  if (text.length <= QUOTED_CHARACTERS) return JSON.stringify(text);
  const start = JSON.stringify(text.slice(0, QUOTED_CHARACTERS));
  return `${start}... (${text.length} characters)`;
}
