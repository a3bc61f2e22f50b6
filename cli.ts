/**
 * The command line tool: servers, clients and a look into the stores of TLS sessions.
 * `deno run -A jsr:@sesame/tls/cli --help`
 *
 * @module
 */
import { main } from "./src/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
