/** What options are called elsewhere: in Node.js, in Deno, in other files. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ALPNProtocols: "alpnProtocols",
  alpn: "alpnProtocols",
  ca: "caCerts",
  certificate: "cert",
  certs: "certificates",
  crt: "cert",
  host: "hostname",
  keylog: "keyLog",
  pass: "passphrase",
  password: "passphrase",
  privateKey: "key",
  servername: "hostname",
  sessionStore: "sessions",
  store: "sessions",
};

/** From so many characters on, two of them may be wrong. */
const LONG = 9;

/** The name that was probably meant, if there is one. */
export function similarName(
  name: string,
  names: readonly string[],
): string | undefined {
  const other = Object.hasOwn(OTHER_NAMES, name)
    ? OTHER_NAMES[name]
    : undefined;
  if (other !== undefined && names.includes(other)) return other;
  // Names that are much longer than an option's aren't slips of the pen.
  if (name.length > 40) return undefined;
  const [nearest] = names
    .map((own) => ({ own, edits: edits(name, own) }))
    .filter(({ own, edits }) => edits <= (own.length < LONG ? 1 : 2))
    .sort((a, b) => a.edits - b.edits);
  return nearest?.own;
}

/** How many characters to insert, remove, replace or swap with the next; case is nothing. */
function edits(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()];
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (before[j - 2] ?? 0) + 1 : Infinity,
      ));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
