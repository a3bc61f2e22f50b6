/**
 * The runner in a browser: posts the results as JSON to who served it.
 *
 * @module
 */
import { runChecks } from "../checks.ts";
import { PORT_CHECKS } from "../store_checks.ts";

const body = JSON.stringify(await runChecks(PORT_CHECKS));
await fetch("/report", { method: "POST", body });
