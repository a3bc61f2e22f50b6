/**
 * Run with `--v8-flags=--expose-gc`: what a busy server's connections pass through, one for
 * another, while V8 collects young objects only. Prints for each structure how many megabytes
 * of them an old object still leads to.
 *
 * @module
 */
import process from "node:process";
import { Deadlines } from "../../src/internal/deadlines.ts";
import { Internals } from "../../src/internal/internals.ts";
import { MachineOwners } from "../../src/libssl/machine_owners.ts";
import { PendingHandshakes } from "../../src/tls/deno/pending_handshakes.ts";
import { EngineIo } from "../../src/tls/socket/engine_io.ts";
import type { SocketCore } from "../../src/tls/socket/socket_core.ts";
import type { Wire } from "../../src/tls/socket/wire.ts";
import { fakeEngine } from "../support/fake_engine.ts";

declare const gc: (options?: { type: "minor" }) => void;

/** 50 MB in all. */
const COUNT = 25_000;
const NUMBERS = 256;
const AT_ONCE = 16;

const deadlines = new Deadlines(
  60_000,
  (timer) => Deno.unrefTimer(Number(timer)),
);
const handshakes = new PendingHandshakes();
const owners = new MachineOwners();
const internals = new Internals<object>("Object");

/** Each puts a connection somewhere, and returns how it is taken away. */
const places: Record<string, (connection: object) => () => void> = {
  deadlines: (connection) => deadlines.add(() => void connection),
  handshakes: (connection) => {
    const added = handshakes.add(connection as SocketCore, "192.0.2.1");
    return () => handshakes.delete(added);
  },
  owners: (connection) => {
    const number = owners.reserve();
    owners.set(
      number,
      Object.assign(connection, { onNewSession: (): void => {} }),
    );
    return () => owners.release(number);
  },
  internals: (connection) => {
    internals.set({}, connection);
    return () => {};
  },
  wires: (connection) => {
    const wire = {} as Wire;
    new EngineIo(fakeEngine(), wire, connection as EngineIoEvents);
    return () => void wire;
  },
};

type EngineIoEvents = ConstructorParameters<typeof EngineIo>[2];

for (const [name, place] of Object.entries(places)) {
  console.log(name, leftBy(place));
}

function leftBy(place: (connection: object) => () => void): number {
  const open: (() => void)[] = [];
  for (let i = 0; i < COUNT; i++) {
    // Those that are open now become old.
    if (i === AT_ONCE) gc();
    open[i % AT_ONCE]?.();
    open[i % AT_ONCE] = place({ numbers: new Array(NUMBERS).fill(0.5) });
  }
  for (const end of open.splice(0)) end();
  for (let i = 0; i < 3; i++) gc({ type: "minor" });
  const before = process.memoryUsage().heapUsed;
  gc();
  const left = before - process.memoryUsage().heapUsed;
  return Math.max(0, Math.round(left / 1e6));
}
