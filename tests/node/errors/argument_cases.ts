/** Values that are wrong for what Node.js's own functions take, and the same checks of ours. */
import type * as validators from "../../../src/node/errors/validate.ts";

class Own {}

/** Values of all kinds, which are made anew in each runtime. */
export function wrongValues(): unknown[] {
  return [
    undefined,
    null,
    1,
    "x".repeat(40),
    true,
    1n,
    Symbol("s"),
    (): number => 0,
    function named(): void {},
    {},
    [],
    new Own(),
    Object.create(null),
    new Date(0),
    -1.5,
    NaN,
  ];
}

/** Functions of `node:tls` and others that refuse a value, with the check of ours that does. */
export const CHECKS: readonly [
  name: string,
  ours: (validate: typeof validators, value: unknown) => void,
  theirs: (node: Node, value: unknown) => void,
][] = [
  [
    "a string",
    (validate, value) => validate.validateString(value, "type"),
    ({ tls }, value) => tls.getCACertificates(value as never),
  ],
  [
    "an array",
    (validate, value) => validate.validateArray(value, "certs"),
    ({ tls }, value) =>
      (tls as unknown as { setDefaultCACertificates(certs: unknown): void })
        .setDefaultCACertificates(value),
  ],
  [
    "bytes",
    (validate, value) => validate.validateBuffer(value, "options.ticketKeys"),
    ({ tls }, value) => tls.createSecureContext({ ticketKeys: value } as never),
  ],
  [
    "a key",
    (validate, value) => validate.validateKeyOrCert(value, "options.dhparam"),
    ({ tls }, value) => tls.createSecureContext({ dhparam: value } as never),
  ],
  [
    "a function",
    (validate, value) => validate.validateFunction(value, "callback"),
    ({ process }, value) => process.nextTick(value as never),
  ],
  [
    "a whole number",
    (validate, value) => validate.validateInteger(value, "secureOptions"),
    ({ tls }, value) =>
      tls.createSecureContext({ secureOptions: value } as never),
  ],
  [
    "a small whole number",
    (validate, value) =>
      validate.validateInt32(value, "options.sessionTimeout", 0),
    ({ tls }, value) =>
      tls.createSecureContext({ sessionTimeout: value } as never),
  ],
];

/** Node.js's own modules. */
interface Node {
  readonly tls: typeof import("node:tls");
  readonly process: typeof import("node:process");
}

/** What a check says of a value: an error's fields. */
export function outcomeOf(check: () => void): unknown {
  try {
    check();
    return "taken";
  } catch (error) {
    const { name, code, message } = error as Error & { code: unknown };
    return { name, code, message };
  }
}

/** In Node.js: what its functions say. */
export default async function run(): Promise<unknown[][]> {
  const node = {
    tls: await import("node:tls"),
    process: await import("node:process"),
  };
  return CHECKS.map(([, , theirs]) =>
    wrongValues().map((value) => outcomeOf(() => theirs(node, value)))
  );
}
