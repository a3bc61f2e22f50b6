/**
 * Certificates that `openssl req` makes, with names of all kinds.
 *
 * @module
 */
import { Folder } from "./temp_folder.ts";

const ODD_NAMES = String.raw`
[req]
distinguished_name = dn
prompt = no
utf8 = yes
string_mask = MASK
x509_extensions = extensions
[dn]
countryName = HU
O = Bücher\, \"GmbH\"
0.OU = one
1.OU = two
CN = a,b+c ☃
0.1.2.3.4.5 = custom
[extensions]
basicConstraints = critical,CA:TRUE
subjectAltName = @alt
extendedKeyUsage = serverAuth,clientAuth,1.2.3.4
authorityInfoAccess = @access
[alt]
DNS.1 = plain.example
DNS.2 = "evil.example, DNS:good.example"
URI.1 = http://example.com/a,b?c=\'d\"
email.1 = me@example.com
IP.1 = 127.0.0.1
IP.2 = 2001:db8::1
RID.1 = 1.2.3.4
dirName.1 = directory
otherName.1 = 1.3.6.1.4.1.311.20.2.3;FORMAT:UTF8,UTF8:upn ☃,x
otherName.2 = 1.3.6.1.5.5.7.8.5;FORMAT:UTF8,UTF8:xmpp ☃
otherName.3 = 1.2.3.4;UTF8:unknown
otherName.4 = 1.3.6.1.5.5.7.8.7;IA5:_srv.example
otherName.5 = 1.3.6.1.5.5.7.8.7;UTF8:of the wrong type
otherName.6 = 1.3.6.1.5.5.7.8.9;FORMAT:UTF8,UTF8:me☃@example.com
[directory]
O = In\, \"c\" ☃
CN = x+y
[access]
OCSP;URI.0 = "http://ocsp.example/a,b"
caIssuers;URI.0 = http://ca.example/x.crt
OCSP;URI.1 = http://second.example/
1.2.3.4.5;DNS.0 = other.example
OCSP;IP.0 = 2001:db8::5
`;

const PLAIN = "[req]\ndistinguished_name = dn\nprompt = no\n";
const SUBJECT = `${PLAIN}[dn]\nCN = plain\n`;

/** The certificate whose curve has no name of NIST's. */
export const SECP256K1 = "secp256k1";

/** How each certificate is made: the arguments of `openssl req` and its configuration. */
const RECIPES: Readonly<
  Record<string, readonly [args: string[], config: string]>
> = {
  "RSA, with odd names in UTF-8": [
    ["-newkey", "rsa:2048"],
    ODD_NAMES.replace("MASK", "utf8only"),
  ],
  "RSA of an uneven size, with odd names in BMPString": [
    ["-newkey", "rsa:2044"],
    ODD_NAMES.replace("MASK", "MASK:0x802"),
  ],
  "P-256, with odd names in T61String": [
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ODD_NAMES.replaceAll("☃", "é").replace("MASK", "MASK:0x6"),
  ],
  "RSA-PSS, with the serial number 0": [
    [
      "-newkey",
      "rsa-pss",
      "-pkeyopt",
      "rsa_keygen_bits:2048",
      "-set_serial",
      "0",
    ],
    SUBJECT,
  ],
  "P-384 with explicit parameters": [
    [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-384",
      "-pkeyopt",
      "ec_param_enc:explicit",
    ],
    SUBJECT,
  ],
  "Ed25519, with a small serial number": [
    ["-newkey", "ed25519", "-set_serial", "0x0a"],
    SUBJECT,
  ],
  "without a name, valid beyond 2050": [
    [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-521",
      "-days",
      "30000",
      "-subj",
      "/",
    ],
    SUBJECT,
  ],
  "with values of one kind in one part of the name": [
    ["-newkey", "ed25519", "-multivalue-rdn", "-subj", "/CN=k/CN=l+OU=m"],
    SUBJECT,
  ],
  // Node.js 24.21 crashes at it, since NIST has no name for the curve.
  [SECP256K1]: [
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
    SUBJECT,
  ],
};

let made: Promise<ReadonlyMap<string, string>> | undefined;

/** The certificates in PEM, which are made once. */
export function oddCertificates(): Promise<ReadonlyMap<string, string>> {
  return made ??= makeCertificates();
}

async function makeCertificates(): Promise<Map<string, string>> {
  await using folder = await Folder.make();
  const made = new Map<string, string>();
  for (const [name, [args, config]] of Object.entries(RECIPES)) {
    const file = folder.path("req.cnf");
    await Deno.writeTextFile(file, config);
    const { success, stdout, stderr } = await new Deno.Command("openssl", {
      args: [
        "req",
        "-x509",
        "-nodes",
        "-keyout",
        folder.path("key.pem"),
        "-config",
        file,
        ...args,
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    made.set(name, new TextDecoder().decode(stdout));
  }
  return made;
}
