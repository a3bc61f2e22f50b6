/**
 * Where a reference of a finding can be read: an RFC with a section, such as `"RFC 8446, 4.2.11"`,
 * a CVE, or a pull request of Envoy's, such as `"Envoy 47219"`; undefined for others.
 */
export function referenceUrl(reference: string): string | undefined {
  const [, rfc, section] =
    /^RFC (\d{1,5})(?:, (?:section )?((?:\d+|[A-Z])(?:\.\d+)*))?$/.exec(
      reference,
    ) ?? [];
  if (rfc !== undefined) {
    const anchor = section === undefined
      ? ""
      : /^[A-Z]/.test(section)
      ? `#appendix-${section}`
      : `#section-${section}`;
    return `https://www.rfc-editor.org/rfc/rfc${rfc}${anchor}`;
  }
  const [, pull] = /^Envoy (\d+)$/.exec(reference) ?? [];
  if (pull !== undefined) {
    return `https://github.com/envoyproxy/envoy/pull/${pull}`;
  }
  const [cve] = /^CVE-\d{4}-\d{4,}$/.exec(reference) ?? [];
  return cve && `https://www.cve.org/CVERecord?id=${cve}`;
}
