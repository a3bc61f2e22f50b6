/** Options of `createSecureContext` by the name of what is tried, for ours and for Node's. */
import { Buffer } from "node:buffer";
import process from "node:process";

/** Certificates and keys in PEM, made for the test. */
export interface Pems {
  /** A certificate. */
  readonly cert: string;
  /** Its key. */
  readonly key: string;
  /** Its key, encrypted by `"secret"`. */
  readonly encrypted: string;
  /** Another key. */
  readonly other: string;
}

/** Options, and what is tried by them. */
export interface OptionCase {
  /** What is tried. */
  readonly name: string;
  /** The options: of the wrong type, too. */
  readonly options: never;
}

/** What is used of a context. */
interface Made {
  readonly context: { getMinProto(): number; getMaxProto(): number };
}

/** The cases. */
export function optionCases(
  { cert, key, encrypted, other }: Pems,
): OptionCase[] {
  const one = {
    "no options": [undefined, null, {}, 1, "x"],
    cert: [
      1,
      [1],
      "junk",
      "",
      [],
      Buffer.from([0x30, 0x03, 2, 1, 1]),
      cert,
      [cert],
      Buffer.from(cert),
      new DataView(new TextEncoder().encode(cert).buffer),
      `${cert}junk`,
      `${cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    ],
    key: [
      1,
      "junk",
      "",
      {},
      { pem: key },
      [{ pem: 1 }],
      [{ pem: key }],
      [{ pem: key, passphrase: 1 }],
      key,
      cert,
      encrypted,
      [{ pem: encrypted }],
      [{ pem: encrypted, passphrase: "wrong" }],
      [{ pem: encrypted, passphrase: "secret" }],
    ],
    ca: [
      1,
      [1],
      "junk",
      "",
      [],
      cert,
      [cert, cert],
      Buffer.from(cert),
      cert.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE"),
      `text\n${cert}\ntext\n${cert}`,
    ],
    crl: [1, [1], "junk", "", [], null, cert],
    ciphers: [
      1,
      "",
      null,
      undefined,
      "bad",
      "TLS_BAD",
      "TLS_BAD:AES256-SHA",
      "AES256-SHA:bad",
      "TLS_AES_128_GCM_SHA256",
      "AES256-SHA",
      "DEFAULT@SECLEVEL=0",
      "DEFAULT@SECLEVEL=7",
      "@SECLEVEL=1:HIGH",
      ":",
      "HIGH:!TLS_AES_128_GCM_SHA256",
      "!aNULL:TLS_AES_256_GCM_SHA384",
    ],
    sigalgs: [1, "", null, "RSA+SHA256", "ecdsa_secp256r1_sha256:ed25519"],
    ecdhCurve: [
      1,
      null,
      "",
      undefined,
      "bad",
      "auto",
      "P-256",
      "prime256v1:X25519",
      "P-256:bad",
    ],
    dhparam: [1, null, "auto", "bad", "", Buffer.from("bad")],
    minVersion: [1, "x", "", null, "TLSv1", "TLSv1.1", "TLSv1.3", "SSLv3"],
    maxVersion: [1, "x", null, "TLSv1", "TLSv1.1", "TLSv1.2"],
    secureProtocol: [
      1,
      "",
      null,
      "SSLv2_method",
      "SSLv2_client_method",
      "SSLv3_method",
      "SSLv3_server_method",
      "SSLv23_method",
      "SSLv23_client_method",
      "TLS_method",
      "TLS_server_method",
      "TLSv1_method",
      "TLSv1_1_method",
      "TLSv1_2_method",
      "TLSv1_2_server_method",
      "TLSv1_3_method",
      "hokey-pokey",
      "constructor",
      "TLSv1_2_hokey_method",
    ],
    secureOptions: ["x", -1, 1.5, 0, null, 0x4000, Infinity],
    honorCipherOrder: ["x", true, false, 0],
    allowPartialTrustChain: ["x", true, 0],
    sessionIdContext: [1, "", null, "x".repeat(32)],
    sessionTimeout: ["x", -1, 1.5, 0, null, 2 ** 31 - 1, 2 ** 31, NaN],
    ticketKeys: [
      "x",
      null,
      Buffer.alloc(3),
      Buffer.alloc(48),
      new Uint8Array(48),
      new DataView(new ArrayBuffer(48)),
      new ArrayBuffer(48),
    ],
    pfx: [1, null],
    passphrase: [1, "x", null],
    privateKeyIdentifier: ["x", null],
    privateKeyEngine: ["x", null],
    clientCertEngine: [1, null],
    certificateCompression: [
      1,
      "zlib",
      ["bad"],
      ["zlib", "zlib", "zlib", "zlib"],
      [],
      null,
    ],
  };
  const several = [
    { minVersion: "TLSv1.3", maxVersion: "TLSv1.2" },
    { minVersion: "TLSv1.3", secureProtocol: "TLS_method" },
    { maxVersion: "TLSv1.3", secureProtocol: "TLSv1_2_method" },
    {
      minVersion: null,
      maxVersion: "TLSv1.2",
      secureProtocol: "TLSv1_2_method",
    },
    { honorCipherOrder: true, secureOptions: 1.5 },
    { key, passphrase: 1 },
    { key: encrypted, passphrase: "secret" },
    { key: encrypted, passphrase: "wrong" },
    { key: encrypted, passphrase: "" },
    { key: [{ pem: encrypted }], passphrase: "secret" },
    { key: [{ pem: encrypted, passphrase: null }], passphrase: "secret" },
    { cert, key },
    { cert, key: other },
    { cert: [cert, cert], key: [key, key] },
    { privateKeyIdentifier: "x", privateKeyEngine: 1 },
    { privateKeyIdentifier: 1, privateKeyEngine: "x" },
    { privateKeyIdentifier: "x", privateKeyEngine: "x", key },
    { ciphers: "TLS_AES_128_GCM_SHA256", minVersion: "TLSv1.2" },
    { ciphers: "AES256-SHA", minVersion: "TLSv1.3" },
  ];
  return [
    ...Object.entries(one).flatMap(([name, values]) =>
      values.map((value) => [
        name === "no options" ? value : { [name]: value },
        name,
      ])
    ),
    ...several.map((options) => [options, Object.keys(options).join(" and ")]),
  ].map(([options, name], i) => ({
    name: `${i}: ${name}`,
    options: options as never,
  }));
}

/** What becomes of options: an error's fields, or the versions of the context. */
export function outcomeOf(
  createSecureContext: (options: never) => Made,
  options: never,
): object {
  try {
    const { context } = createSecureContext(options);
    return { min: context.getMinProto(), max: context.getMaxProto() };
  } catch (error) {
    const { name, message, code, library, reason, opensslErrorStack } =
      error as Record<string, unknown>;
    return { name, message, code, library, reason, opensslErrorStack };
  }
}

/** In Node.js: the outcome of each case. */
export default async function run(pems: Pems): Promise<object[]> {
  const tls = await import("node:tls");
  process.removeAllListeners("warning");
  return optionCases(pems).map(({ options }) =>
    outcomeOf(tls.createSecureContext, options)
  );
}
