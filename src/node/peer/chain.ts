import { X509_V_OK } from "../../libssl/constants.ts";
import type { X509 } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";

/** A certificate in DER with those above it. */
export interface Chain {
  /** The certificates, each behind the one that it issued. */
  readonly certificates: readonly Uint8Array[];
  /** Whether the last one issued itself. */
  readonly isComplete: boolean;
}

/** The chain of a certificate in DER, whose issuers are looked for in `others`. */
export function chainOf(
  { libssl }: OpenSSL,
  leaf: Uint8Array,
  others: readonly Uint8Array[],
): Chain {
  const read: X509[] = [];
  const all = [leaf, ...others].flatMap((der) => {
    const x = libssl.d2i_X509(der);
    if (x === null) return [];
    read.push(x);
    return [{ x, der }];
  });
  try {
    const [first, ...rest] = all;
    const candidates = new Set(rest);
    const certificates: Uint8Array[] = [];
    for (
      let last = first?.der === leaf ? first : undefined;
      last !== undefined;
    ) {
      const subject = last;
      certificates.push(subject.der);
      const isIssuer = ({ x }: { x: X509 }): boolean =>
        libssl.X509_check_issued(x, subject.x) === X509_V_OK;
      if (isIssuer(subject)) return { certificates, isComplete: true };
      last = [...candidates].find(isIssuer);
      if (last) candidates.delete(last);
    }
    return { certificates, isComplete: false };
  } finally {
    read.forEach((x) => libssl.X509_free(x));
    libssl.ERR_clear_error();
  }
}
