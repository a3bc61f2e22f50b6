import { Daemon, type Place, type ServerKind, writeFile } from "./daemon.ts";

/** Takes messages by STARTTLS alone, and throws them away. */
const configuration = (folder: string, lines: readonly string[]): string => `
primary_hostname = localhost
spool_directory = ${folder}/spool
log_file_path = ${folder}/log.%s
log_selector = +tls_cipher +tls_resumption +tls_peerdn
tls_certificate = ${folder}/cert.pem
tls_privatekey = ${folder}/key.pem
smtp_accept_max = 200
tls_advertise_hosts = *
${lines.join("\n")}
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_mail = check_mail
acl_smtp_rcpt = accept
acl_smtp_data = discard
begin acl
check_mail:
  accept encrypted = *
  deny message = STARTTLS first
begin routers
begin transports
begin retry
begin rewrite
begin authenticators
`;

/** Exim, with GnuTLS: its log says which connections were resumed. */
export const exim: ServerKind = {
  programs: ["exim4", "/usr/sbin/exim4"],
  packages: ["exim4-daemon-light"],
  user: "Debian-exim",
  log: "log.main",
  start: (place, port) =>
    startExim(place, port, [
      `tls_verify_certificates = ${place.folder}/ca.pem`,
      "tls_try_verify_hosts = *",
      "tls_resumption_hosts = *",
    ]),
};

/** Starts Exim with more lines in its configuration. */
export async function startExim(
  place: Place,
  port: number,
  lines: readonly string[],
): Promise<Daemon> {
  const file = await writeFile(
    place,
    "exim.conf",
    configuration(place.folder, lines),
  );
  return await new Daemon("/usr/sbin/exim4", [
    ...["-C", file, "-bdf", "-oX", `127.0.0.1.${port}`],
  ], place).ready(port);
}
