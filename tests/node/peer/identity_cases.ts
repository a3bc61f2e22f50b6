/** A certificate's names as `checkServerIdentity` takes them. */
interface Names {
  readonly subject?: { CN?: string | string[] };
  readonly subjectaltname?: string;
}

/** Hosts and certificates, of which many don't belong together. */
export const IDENTITY_CASES:
  readonly (readonly [host: unknown, cert: Names])[] = pairs({
    "a.example": [
      cn("a.example"),
      cn("A.EXAMPLE."),
      cn(["b.example", "a.example"]),
      cn("*.example"),
      cn(""),
      {},
      { subject: {} },
      san("DNS:a.example"),
      san("DNS:b.example", "a.example"),
      san("DNS:a.example, DNS:b.example"),
      san("URI:http://a.example/", "a.example"),
      san("email:me@a.example"),
      san("IP Address:127.0.0.1", "a.example"),
      san("DNS:"),
      san('DNS:"a.example"'),
      san(String.raw`DNS:"evil\u002c DNS:a.example"`),
      san(String.raw`DNS:"evil", DNS:a.example`),
      san(String.raw`DNS:"a.exampl\u0065"`),
      san('DNS:"a.example'),
      san('DNS:"a\nb"'),
      san(String.raw`DNS:"\x"`),
      san(String.raw`URI:http://x/"\u0022", DNS:a.example`),
      san("DNS:a.example "),
      san("DNS:a.example\0.evil"),
    ],
    "a.example.": [cn("a.example"), san("DNS:a.example."), san("DNS:b")],
    "www.a.example": [
      san("DNS:*.a.example"),
      san("DNS:w*.a.example"),
      san("DNS:*w.a.example"),
      san("DNS:w*w.a.example"),
      san("DNS:ww*ww.a.example"),
      san("DNS:*.*.example"),
      san("DNS:**.a.example"),
      san("DNS:www.*.example"),
      san("DNS:*.example"),
      san("DNS:a.example"),
      san("DNS:.a.example"),
      san("DNS:www..example"),
      cn("*.a.example"),
      cn("www.a.example\u0301"),
    ],
    "b.www.a.example": [san("DNS:*.a.example")],
    "xn--bcher-kva.example": [
      san("DNS:xn--bcher-kva.example"),
      san("DNS:bücher.example"),
      san("DNS:xn--*.a.example"),
    ],
    "xn--x.a.example": [san("DNS:xn--*.a.example"), san("DNS:*.a.example")],
    "bücher.example": [
      san("DNS:xn--bcher-kva.example"),
      san("DNS:bücher.example"),
    ],
    "K.example": [san("DNS:k.example")],
    "example": [san("DNS:*"), san("DNS:example"), cn("example")],
    "": [cn("a.example"), san("DNS:")],
    "127.0.0.1": [
      san("IP Address:127.0.0.1"),
      san("DNS:127.0.0.1"),
      san("DNS:a.example, IP Address:127.0.0.2, IP Address:::1"),
      cn("127.0.0.1"),
    ],
    "::1": [
      san("IP Address:0:0:0:0:0:0:0:1"),
      san("IP Address:::1"),
      san("IP Address:127.0.0.1"),
    ],
    "2001:DB8::1": [san("IP Address:2001:DB8:0:0:0:0:0:1")],
    "::ffff:127.0.0.1": [
      san("IP Address:0:0:0:0:0:FFFF:7F00:1"),
      san("IP Address:127.0.0.1"),
    ],
  });

/** What became of each case: the error's fields, without the certificate. */
export function identityOutcomes(
  checkServerIdentity: (host: never, cert: never) => Error | undefined,
): unknown[] {
  return IDENTITY_CASES.map(([host, cert]) => {
    try {
      const error = checkServerIdentity(host as never, cert as never);
      return error === undefined ? "same" : fieldsOf(error);
    } catch (error) {
      return { thrown: fieldsOf(error as Error) };
    }
  });
}

/** In Node.js: the outcomes of its own function. */
export default async function run(): Promise<unknown[]> {
  const { checkServerIdentity } = await import("node:tls");
  return identityOutcomes(checkServerIdentity);
}

function fieldsOf(error: Error): Record<string, unknown> {
  const { name, message, code, host, reason } = error as
    & Error
    & Record<string, unknown>;
  return JSON.parse(JSON.stringify({ name, message, code, host, reason }));
}

function cn(CN: string | string[]): Names {
  return { subject: { CN } };
}

function san(subjectaltname: string, CN?: string): Names {
  return { subjectaltname, subject: CN === undefined ? {} : { CN } };
}

function pairs(cases: Record<string, Names[]>): [unknown, Names][] {
  return [
    ...Object.entries(cases).flatMap(([host, certs]) =>
      certs.map((cert): [unknown, Names] => [host, cert])
    ),
    ...[null, undefined, false, 1].map((host): [unknown, Names] => [
      host,
      cn("a.example"),
    ]),
  ];
}
