/**
 * Groups that few servers accept by default: a server that doesn't accept the group of the only
 * key share asks for another by a HelloRetryRequest.
 */
export const RARE_GROUPS: readonly string[] = [
  "MLKEM512",
  "brainpoolP256r1tls13",
];

const COMMON_GROUPS = "X25519:P-256:P-384:P-521:X448:X25519MLKEM768";

/** Groups for a visit: a rare one with a key share (`*`), and common ones without. */
export function groupsWith(rare: string): string {
  return `*${rare}:${COMMON_GROUPS}`;
}
