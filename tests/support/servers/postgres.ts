import {
  Daemon,
  makeFolder,
  prepare,
  type ServerKind,
  writeFile,
} from "./daemon.ts";

/** By TCP only with TLS and a certificate whose common name is the user; by its own socket anyone. */
const HBA = "hostssl all all 127.0.0.1/32 cert\nlocal all all trust\n";

/** Where Debian has a program of PostgreSQL, the newest first. */
function versions(program: string): string[] {
  const root = "/usr/lib/postgresql";
  try {
    return [...Deno.readDirSync(root)].map(({ name }) => name)
      .sort((a, b) => Number(b) - Number(a))
      .map((name) => `${root}/${name}/bin/${program}`);
  } catch {
    return [];
  }
}

/** PostgreSQL: it never resumes, since its authors turned tickets and the cache off. */
export const postgres: ServerKind = {
  programs: versions("postgres"),
  packages: ["postgresql"],
  async start(place, port): Promise<Daemon> {
    const data = await makeFolder(place, "data");
    const [program = "postgres"] = versions("postgres");
    await prepare(program.replace(/postgres$/, "initdb"), [
      `--pgdata=${data}`,
      "--username=client",
      "--auth=reject",
      "--no-sync",
      "--encoding=UTF8",
    ], place);
    const hba = await writeFile(place, "hba.conf", HBA);
    const settings = {
      port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: place.folder,
      hba_file: hba,
      ssl: "on",
      ssl_ca_file: `${place.folder}/ca.pem`,
      ssl_cert_file: `${place.folder}/cert.pem`,
      ssl_key_file: `${place.folder}/key.pem`,
      fsync: "off",
      shared_buffers: "16MB",
      max_connections: 20,
    };
    const daemon = await new Daemon(program, [
      "-D",
      data,
      ...Object.entries(settings).flatMap((
        [name, value],
      ) => ["-c", `${name}=${value}`]),
    ], place).ready(port);
    await prepare(program.replace(/postgres$/, "psql"), [
      `--host=${place.folder}`,
      `--port=${port}`,
      "--username=client",
      "--command=CREATE ROLE alice LOGIN",
      "postgres",
    ], place);
    return daemon;
  },
};
