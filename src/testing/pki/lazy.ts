import { ownOptions } from "../../internal/own_options.ts";
import { OpenSSL } from "../../libssl/openssl.ts";
import {
  type CertificateAndKey as TestCertificate,
  commonNameOf,
  isSelfIssued,
  makeCertificate,
} from "../../pki/certificate.ts";
import {
  alternativeNames,
  authorityExtensions,
  type Extensions,
  identityExtensions,
  leafExtensions,
  REVOCATION_EXTENSIONS,
} from "../../pki/extensions.ts";
import { checkedKeyType, type KeyType } from "../../pki/keys.ts";
import { randomSeed, seededEntropy, seedOption } from "../entropy.ts";
import type { TestIssueOptions, TestPki, TestPkiOptions } from "./types.ts";

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const LEAF_DAYS = 90;
const SERIAL_BYTES = 8;

const ISSUE_OPTION_NAMES: Readonly<Record<keyof TestIssueOptions, true>> = {
  commonName: true,
  hosts: true,
  isCa: true,
  issuer: true,
  keyType: true,
  notAfter: true,
  notBefore: true,
  pathLength: true,
  subject: true,
  usage: true,
};

/** Makes each certificate when it is first read, with a key that its label decides. */
export class LazyPki implements TestPki {
  readonly seed: string;
  readonly #keyType: KeyType;
  readonly #hosts: readonly string[];
  readonly #now: () => number;
  readonly #start: number;
  readonly #made = new Map<string, TestCertificate>();
  #issued = 0;

  constructor(options: TestPkiOptions) {
    const { seed = randomSeed(), hosts = ["localhost"] } = options;
    this.seed = seedOption(seed);
    this.#keyType = checkedKeyType(options.keyType ?? "P-256");
    alternativeNames(hosts);
    this.#hosts = [...hosts];
    this.#now = options.now ?? (() => Date.now());
    this.#start = this.#now();
  }

  get ca(): TestCertificate {
    return this.#root("ca", "Test Root CA");
  }

  get otherCa(): TestCertificate {
    return this.#root("otherCa", "Other Test Root CA");
  }

  get intermediate(): TestCertificate {
    return this.#lazily("intermediate", {
      commonName: "Test Intermediate CA",
      isCa: true,
      pathLength: 0,
      ...this.#validFor(-YEAR_MS, 5 * YEAR_MS),
    });
  }

  get server(): TestCertificate {
    return this.#lazily("server");
  }

  get client(): TestCertificate {
    return this.#lazily("client", {
      subject: { O: "Test" },
      commonName: "client",
      usage: "client",
    });
  }

  get expired(): TestCertificate {
    return this.#lazily(
      "expired",
      this.#validFor(-LEAF_DAYS * DAY_MS, -DAY_MS),
    );
  }

  get notYetValid(): TestCertificate {
    return this.#lazily(
      "notYetValid",
      this.#validFor(DAY_MS, LEAF_DAYS * DAY_MS),
    );
  }

  get wrongHost(): TestCertificate {
    return this.#lazily("wrongHost", { hosts: ["wrong-host.invalid"] });
  }

  get wrongUsage(): TestCertificate {
    return this.#lazily("wrongUsage", { hosts: this.#hosts, usage: "client" });
  }

  get untrusted(): TestCertificate {
    return this.#lazily("untrusted", { issuer: this.otherCa });
  }

  get selfSigned(): TestCertificate {
    return this.#lazily("selfSigned", { issuer: "self" });
  }

  get notCa(): TestCertificate {
    return this.#lazily("notCa", {
      commonName: "Signed by a server",
      issuer: this.server,
    });
  }

  get unknownRevocation(): TestCertificate {
    return this.#lazily("unknownRevocation", {}, REVOCATION_EXTENSIONS);
  }

  issue(options: TestIssueOptions = {}): TestCertificate {
    const own = ownOptions(options, ISSUE_OPTION_NAMES, { of: "issue" });
    const made = this.#make(`issue/${this.#issued}`, this.#now(), own);
    this.#issued++;
    return made;
  }

  #root(label: string, commonName: string): TestCertificate {
    return this.#lazily(label, {
      commonName,
      isCa: true,
      issuer: "self",
      ...this.#validFor(-YEAR_MS, 10 * YEAR_MS),
    });
  }

  #validFor(from: number, to: number): { notBefore: Date; notAfter: Date } {
    return {
      notBefore: new Date(this.#start + from),
      notAfter: new Date(this.#start + to),
    };
  }

  #lazily(
    label: string,
    options: TestIssueOptions = {},
    extensions: Extensions = [],
  ): TestCertificate {
    const made = this.#made.get(label) ??
      this.#make(label, this.#start, options, extensions);
    this.#made.set(label, made);
    return made;
  }

  /** Uses an instance of its own, so that no other certificate has drawn from its entropy. */
  #make(
    label: string,
    now: number,
    given: TestIssueOptions,
    extensions: Extensions = [],
  ): TestCertificate {
    const options = ownOptions(given);
    const { isCa = false, usage = "server", pathLength, subject } = options;
    const { keyType = this.#keyType } = options;
    const hosts = options.hosts ??
      (isCa || usage === "client" ? [] : this.#hosts);
    const commonName = options.commonName ??
      commonNameOf(hosts[0] ?? (isCa ? "Test CA" : usage));
    const issuer = options.issuer ?? (isCa ? this.ca : this.intermediate);
    const { libssl } = new OpenSSL({
      entropy: seededEntropy(`${this.seed}/pki/${label}`),
      clock: () => 0,
    });
    const made = makeCertificate(libssl, {
      keyType,
      serial: serialNumber(libssl.RAND_bytes(SERIAL_BYTES)),
      subject: [...Object.entries(subject ?? {}), ["CN", commonName]],
      notBefore: options.notBefore ?? new Date(now - DAY_MS),
      notAfter: options.notAfter ?? new Date(now + LEAF_DAYS * DAY_MS),
      extensions: [
        ...(isCa
          ? authorityExtensions(pathLength)
          : leafExtensions(usage, keyType)),
        ...identityExtensions(issuer === "self", hosts),
        ...extensions,
      ],
    }, issuer === "self" ? undefined : issuer);
    if (issuer === "self" || isSelfIssued(libssl, issuer)) return made;
    return { ...made, cert: made.cert + issuer.cert };
  }
}

/** A positive serial number (RFC 5280, section 4.1.2.2). */
function serialNumber(bytes: Uint8Array<ArrayBuffer> | null): bigint {
  const { buffer } = bytes ?? new Uint8Array(SERIAL_BYTES);
  return new DataView(buffer).getBigUint64(0) >> 1n | 1n;
}
