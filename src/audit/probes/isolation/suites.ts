import type { Probing } from "../../probe.ts";
import { answered } from "../admission.ts";

/** A cipher suite, and the hash of its key schedule or PRF. */
export interface Suite {
  /** OpenSSL's name. */
  readonly name: string;
  readonly number: number;
  readonly hash: "SHA256" | "SHA384";
}

/** The cipher suites of TLS 1.3 that servers have. */
export const SUITES_13: readonly Suite[] = [
  { name: "TLS_AES_256_GCM_SHA384", number: 0x1302, hash: "SHA384" },
  { name: "TLS_CHACHA20_POLY1305_SHA256", number: 0x1303, hash: "SHA256" },
  { name: "TLS_AES_128_GCM_SHA256", number: 0x1301, hash: "SHA256" },
];

/** Cipher suites of TLS 1.2 with forward secrecy and AEAD, or as old servers have them. */
export const SUITES_12: readonly Suite[] = [
  { name: "ECDHE-ECDSA-AES256-GCM-SHA384", number: 0xc02c, hash: "SHA384" },
  { name: "ECDHE-RSA-AES256-GCM-SHA384", number: 0xc030, hash: "SHA384" },
  { name: "ECDHE-ECDSA-AES128-GCM-SHA256", number: 0xc02b, hash: "SHA256" },
  { name: "ECDHE-RSA-AES128-GCM-SHA256", number: 0xc02f, hash: "SHA256" },
  { name: "ECDHE-ECDSA-CHACHA20-POLY1305", number: 0xcca9, hash: "SHA256" },
  { name: "ECDHE-RSA-CHACHA20-POLY1305", number: 0xcca8, hash: "SHA256" },
  { name: "ECDHE-ECDSA-AES128-SHA", number: 0xc009, hash: "SHA256" },
  { name: "ECDHE-RSA-AES128-SHA", number: 0xc013, hash: "SHA256" },
  { name: "AES128-GCM-SHA256", number: 0x009c, hash: "SHA256" },
  { name: "AES256-GCM-SHA384", number: 0x009d, hash: "SHA384" },
];

/** The suite that a server chooses among some; null if it has none of them. */
export async function chosenOf(
  probing: Probing,
  version: "TLSv1.2" | "TLSv1.3",
  suites: readonly Suite[],
): Promise<Suite | null> {
  if (suites.length === 0) return null;
  const { cipher } = answered(
    await probing.visit({
      version,
      ...only(version, suites),
      title: "Full handshake: which other cipher suite the server has",
    }),
  );
  return suites.find(({ name }) => name === cipher) ?? null;
}

/** Visit options that offer these suites alone. */
export function only(
  version: "TLSv1.2" | "TLSv1.3",
  suites: readonly Suite[],
): { ciphers: string } | { ciphersuites: string } {
  const names = suites.map(({ name }) => name).join(":");
  return version === "TLSv1.2" ? { ciphers: names } : { ciphersuites: names };
}
