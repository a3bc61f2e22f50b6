/** A process that works on a directory of sessions. */

import { DirectorySessionStore } from "../../src/stores/directory.ts";
import { work } from "./store_work.ts";

await work((path) => new DirectorySessionStore(path));
