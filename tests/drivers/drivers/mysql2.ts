import { equal } from "node:assert/strict";
import type { Driver, Socket } from "../site.ts";

interface Row {
  readonly Value: string;
}

interface Connection {
  readonly connection: { readonly stream: Socket };
  query(text: string): Promise<[readonly Row[], unknown]>;
  end(): Promise<void>;
}

interface Package {
  createConnection(options: unknown): Promise<Connection>;
}

const STATUS = "SHOW SESSION STATUS LIKE 'Ssl_version'";

/**
 * It keeps sessions by itself, for as long as the object `ssl` is the same. What MariaDB says
 * in `Ssl_sessions_reused` isn't of tickets.
 */
export const mysql2: Driver = {
  name: "mysql2",
  visits: ["mariadb"],
  witness: "client",
  begin: ({ tls, port, load }) => {
    const { createConnection } = load<Package>("mysql2/promise");
    const ssl = { ...tls, verifyIdentity: true };
    return async () => {
      const connection = await createConnection({
        host: "localhost",
        port: port("mariadb"),
        user: "client",
        password: "open sesame",
        ssl,
      });
      const [[status]] = await connection.query(STATUS);
      const resumed = connection.connection.stream.isSessionReused();
      await connection.end();
      equal(status?.Value, tls.maxVersion);
      return resumed;
    };
  },
};
