import { deepEqual } from "node:assert/strict";
import { lastLine } from "../last_line.ts";
import type { Driver } from "../site.ts";

type Sql = ((text: TemplateStringsArray) => Promise<Iterable<unknown>>) & {
  end(): Promise<void>;
};

type Connect = (options: unknown) => Sql;

/** As {@linkcode pg}, which knows why it visits two servers. */
export const postgres: Driver = {
  name: "postgres",
  visits: ["postgres", "front"],
  witness: "server",
  begin: ({ tls, sessions, port, log, load }) => {
    // In Bun, require gives it as a module.
    const loaded = load<Connect | { readonly default: Connect }>("postgres");
    const connect = "default" in loaded ? loaded.default : loaded;
    const ask = async (
      server: string,
      query: (sql: Sql) => Promise<Iterable<unknown>>,
    ): Promise<unknown[]> => {
      const sql = connect({
        host: "localhost",
        port: port(server),
        user: "client",
        database: "postgres",
        max: 1,
        ssl: { ...tls, ...sessions },
      });
      const rows = [...await query(sql)];
      await sql.end();
      return rows;
    };
    return async () => {
      deepEqual(
        await ask(
          "postgres",
          (sql) =>
            sql`SELECT version, client_dn FROM pg_stat_ssl
              WHERE pid = pg_backend_pid()`,
        ),
        [{ version: tls.maxVersion, client_dn: "/O=Test/CN=client" }],
      );
      deepEqual(
        await ask("front", (sql) => sql`SELECT 6 * 7 AS answer`),
        [{ answer: 42 }],
      );
      return await lastLine(log("front")) === "resumed";
    };
  },
};
