import type { Libssl } from "../../libssl/libssl.ts";

/** The names of alerts that OpenSSL has none for (RFC 7507; RFC 8446, section 6). */
const UNNAMED: Readonly<Record<number, string>> = {
  86: "inappropriate fallback",
  109: "missing extension",
  116: "certificate required",
};

/** The name of an alert in OpenSSL's spelling, by the value that info callbacks get. */
export function alertName(libssl: Libssl, value: number): string {
  const code = value & 0xff;
  const name = libssl.SSL_alert_desc_string_long(value);
  return name === "unknown" ? UNNAMED[code] ?? `alert ${code}` : name;
}
