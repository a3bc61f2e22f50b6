import { isIPv4, isIPv6 } from "node:net";

/** An IP address in the one form that all its spellings have; `undefined` if it is none. */
export function canonicalAddress(address: string): string | undefined {
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const [plain = "", zone] = address.split("%");
  const host = new URL(`http://[${plain}]/`).hostname.slice(1, -1);
  return zone === undefined ? host : `${host}%${zone}`;
}
