import {
  Daemon,
  makeFolder,
  type ServerKind,
  writeFile,
} from "../../support/servers/daemon.ts";

const configuration = (folder: string, port: number): string => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/tmp/body;
  proxy_temp_path ${folder}/tmp/proxy;
  fastcgi_temp_path ${folder}/tmp/fastcgi;
  uwsgi_temp_path ${folder}/tmp/uwsgi;
  scgi_temp_path ${folder}/tmp/scgi;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:all:1m;
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    ssl_client_certificate ${folder}/ca.pem;
    ssl_verify_client on;
    ssl_verify_depth 3;
    location / {
      default_type text/plain;
      return 200 "$ssl_protocol $ssl_session_reused $ssl_client_verify $connection";
    }
  }
}
`;

/** nginx, for clients with a certificate: it answers with what it knows of the session. */
export const nginx: ServerKind = {
  programs: ["nginx", "/usr/sbin/nginx"],
  packages: ["nginx-light"],
  async start(place, port): Promise<Daemon> {
    await makeFolder(place, "tmp");
    const file = await writeFile(
      place,
      "nginx.conf",
      configuration(place.folder, port),
    );
    return await new Daemon(
      "/usr/sbin/nginx",
      ["-p", place.folder, "-c", file],
      place,
    )
      .ready(port);
  },
};
