/** The checks of `register`, in a process of their own: prints the results as JSON. */
import { resultsOf } from "../runtimes/checks.ts";
import { NODE_REGISTER_CHECKS } from "../runtimes/node_register_checks.ts";

console.log(JSON.stringify(await resultsOf(NODE_REGISTER_CHECKS)));
