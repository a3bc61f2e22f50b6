import { Daemon, makeFolder, type ServerKind, writeFile } from "./daemon.ts";

const configuration = (folder: string, port: number): string => `
listen=YES
background=NO
listen_address=127.0.0.1
listen_port=${port}
run_as_launching_user=YES
seccomp_sandbox=NO
anonymous_enable=YES
no_anon_password=YES
anon_root=${folder}/files
ftp_username=nobody
local_enable=NO
write_enable=YES
anon_upload_enable=YES
anon_world_readable_only=NO
pasv_address=127.0.0.1
ssl_enable=YES
allow_anon_ssl=YES
force_anon_data_ssl=YES
force_anon_logins_ssl=YES
require_ssl_reuse=YES
ssl_tlsv1=YES
ssl_ciphers=HIGH
rsa_cert_file=${folder}/cert.pem
rsa_private_key_file=${folder}/key.pem
debug_ssl=YES
xferlog_enable=YES
vsftpd_log_file=${folder}/log
`;

/** vsftpd: data connections must resume the session of their control connection. */
export const vsftpd: ServerKind = {
  programs: ["vsftpd", "/usr/sbin/vsftpd"],
  packages: ["vsftpd"],
  async start(place, port): Promise<Daemon> {
    await makeFolder(place, "files");
    const file = await writeFile(
      place,
      "vsftpd.conf",
      configuration(place.folder, port),
    );
    return await new Daemon("/usr/sbin/vsftpd", [file], place).ready(port);
  },
};
