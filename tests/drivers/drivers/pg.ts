import { deepEqual } from "node:assert/strict";
import { lastLine } from "../last_line.ts";
import type { Driver } from "../site.ts";

interface Client {
  connect(): Promise<void>;
  query(text: string): Promise<{ readonly rows: unknown[] }>;
  end(): Promise<void>;
}

interface Package {
  readonly Client: new (options: unknown) => Client;
}

/** How PostgreSQL sees the connection that asks. */
const STATUS =
  "SELECT version, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/** PostgreSQL itself never resumes: it is asked for what it sees, and its front for sessions. */
export const pg: Driver = {
  name: "pg",
  visits: ["postgres", "front"],
  witness: "server",
  begin: ({ tls, sessions, port, log, load }) => {
    const { Client } = load<Package>("pg");
    const ask = async (server: string, query: string): Promise<unknown[]> => {
      const client = new Client({
        host: "localhost",
        port: port(server),
        user: "client",
        database: "postgres",
        ssl: { ...tls, ...sessions },
      });
      await client.connect();
      const { rows } = await client.query(query);
      await client.end();
      return rows;
    };
    return async () => {
      deepEqual(await ask("postgres", STATUS), [
        { version: tls.maxVersion, client_dn: "/O=Test/CN=client" },
      ]);
      deepEqual(await ask("front", "SELECT 6 * 7 AS answer"), [{ answer: 42 }]);
      return await lastLine(log("front")) === "resumed";
    };
  },
};
