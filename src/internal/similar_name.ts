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

/** What is set otherwise here than elsewhere: the option that it needs, and how. */
const OTHER_WAYS: Readonly<Record<string, readonly [string, string]>> = {
  caFile: ["caCerts", "caCerts takes the content of a file"],
  certChain: ["cert", "cert takes the certificate and its chain"],
  certFile: ["cert", "cert takes the content of a file"],
  cipherSuites: ["configure", 'configure takes ["Ciphersuites", …]'],
  ciphers: ["configure", 'configure takes ["CipherString", …]'],
  ecdhCurve: ["configure", 'configure takes ["Groups", …]'],
  keyFile: ["key", "key takes the content of a file"],
  rejectUnauthorized: ["caCerts", "caCerts says whom to trust"],
  requestCert: ["clientAuth", 'clientAuth takes "request" or "require"'],
  sigalgs: ["configure", 'configure takes ["SignatureAlgorithms", …]'],
  unsafelyDisableHostnameVerification: [
    "servername",
    "servername is the name to verify the certificate by",
  ],
};

/** A name that is cut short is recognised from so many characters on. */
const STEM = 5;

/** From so many characters on, two of them may be wrong. */
const LONG = 9;

/** What to do instead of giving an option of this name, if something is close. */
export function adviceOn(
  name: string,
  names: readonly string[],
): string | undefined {
  const [option, way] = Object.hasOwn(OTHER_WAYS, name)
    ? OTHER_WAYS[name] ?? []
    : [];
  if (option !== undefined && names.includes(option)) return way;
  const meant = similarName(name, names);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

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
    .filter(({ own, edits }) =>
      edits <= (own.length < LONG ? 1 : 2) || isStemOf(own, name)
    )
    .sort((a, b) => a.edits - b.edits);
  return nearest?.own;
}

/** Whether `name` lacks the end of `own`, such as a plural's, or has another. */
function isStemOf(own: string, name: string): boolean {
  const stem = own.slice(0, -3);
  return stem.length >= STEM && name.startsWith(stem) &&
    name.length <= own.length;
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
