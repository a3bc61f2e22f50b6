import {
  Daemon,
  type ServerKind,
  writeFile,
} from "../../support/servers/daemon.ts";

const configuration = (folder: string, port: number): string => `
listener ${port} 127.0.0.1
cafile ${folder}/ca.pem
certfile ${folder}/cert.pem
keyfile ${folder}/key.pem
require_certificate true
use_identity_as_username true
`;

/** Mosquitto, for clients with a certificate. */
export const mosquitto: ServerKind = {
  programs: ["mosquitto", "/usr/sbin/mosquitto"],
  packages: ["mosquitto"],
  async start(place, port): Promise<Daemon> {
    const file = await writeFile(
      place,
      "mosquitto.conf",
      configuration(place.folder, port),
    );
    return await new Daemon("/usr/sbin/mosquitto", ["-c", file], place)
      .ready(port);
  },
};
