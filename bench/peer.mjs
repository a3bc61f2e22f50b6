// @ts-self-types="./peer.d.mts"
// deno-lint-ignore-file explicit-function-return-type -- peer.d.mts has the types
import { spawnSync } from "node:child_process";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { measurements, nameOf } from "./measurements.mjs";
import { primitives } from "./primitives.mjs";

const IDLE_CONNECTIONS = 500;
// What a heap takes in steps, and code that V8 compiles, would be much of the memory of fewer.
const IDLE_CONNECTIONS_OVER_TCP = 4_000;
const HELD_BEFORE = 1_000;

const COLLECTIONS = 3;
const COLLECTION_MS = 100;

// V8 takes that long to compile what runs often, and less where that is little.
const WARM_UP_SECONDS = 2;
const WARM_UP_SECONDS_OF_PRIMITIVES = 0.5;

const { values: args } = parseArgs({
  options: {
    seconds: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    certificates: { type: "string" },
    subject: { type: "string" },
    "started-at": { type: "string" },
  },
});

export async function runPeer(peer) {
  const all = [...primitives, ...measurements];
  for (const m of all.filter((m) => nameOf(m).includes(args.only))) {
    try {
      if (m.metric.startsWith("ms from") && !args["started-at"]) runAnew(m);
      else await report(peer, m);
    } catch (error) {
      console.error(`The ${peer.name} peer has no "${nameOf(m)}": ${error}`);
    }
  }
}

async function report(peer, m) {
  const importedAt = epoch();
  const implementation = await peer.load(args);
  const value = await measure(m, implementation, importedAt);
  if (value === undefined) return;
  const { runtime } = implementation;
  const remark = peer.remark?.(m);
  const line = { peer: peer.name, ...m, value, runtime, remark };
  console.log(JSON.stringify(line));
}

async function measure(m, implementation, importedAt) {
  const seconds = Number(args.seconds);
  switch (m.metric) {
    case "primitives":
      return await primitivesPerSecond(m, implementation, seconds);
    case "handshakes/s":
      return await implementation.handshakesPerSecond(m, seconds);
    case "server's side/s":
      return await implementation.serversPerSecond?.(m, seconds);
    case "handshakes/s over TCP":
    case "handshakes/s over TCP, cold":
      return await implementation.handshakesOverTcp(m, seconds);
    case "bytes/s":
      return await implementation.bytesPerSecond(m, seconds);
    case "read/write over TCP":
    case "pipeTo over TCP":
      return await implementation.bulkOverTcp?.(m, seconds);
    case "requests/s":
    case "requests/s, serveTls":
      return await implementation.requestsOverHttps?.(m, seconds);
    case "malloc/connection":
      if (!implementation.mallocFootprint) return undefined;
      return await growth(
        (count) => implementation.holdConnections(m, count),
        implementation.mallocFootprint,
      );
    case "rss/connection":
      return await growth(
        (count) => implementation.holdConnections(m, count),
        residentSize,
      );
    case "rss/connection over TCP":
      return await growth(
        (count) => implementation.holdOverTcp(m, count),
        residentSize,
        { count: IDLE_CONNECTIONS_OVER_TCP, before: HELD_BEFORE },
      );
    case "ms from start":
      await implementation.handshake(m);
      return epoch() - Number(args["started-at"]) * 1000;
    case "ms from import":
      await implementation.handshake(m);
      return epoch() - importedAt;
  }
}

async function primitivesPerSecond(m, implementation, seconds) {
  const repeat = await implementation.primitive?.(m.primitive);
  if (repeat === undefined) return undefined;
  const step = () => {
    repeat(m.batch);
    return m.batch * (m.bytes || 1);
  };
  return await rate(seconds, step, WARM_UP_SECONDS_OF_PRIMITIVES);
}

function epoch() {
  return performance.timeOrigin + performance.now();
}

// What happens once in a process is measured in a new one, told when it was started.
function runAnew(m) {
  const options = ["--only", nameOf(m)];
  if (args.certificates) options.push("--certificates", args.certificates);
  const run = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  options.push("--started-at", String(epoch() / 1000));
  spawnSync(process.execPath, [...run, process.argv[1], ...options], {
    stdio: "inherit",
  });
}

// The first connections stay out: they pay for what is set up once.
async function growth(
  hold,
  footprint,
  { count, before: first } = { count: IDLE_CONNECTIONS, before: 1 },
) {
  const releaseFirst = await hold(first);
  const before = await footprint();
  const release = await hold(count);
  const after = await footprint();
  await release();
  await releaseFirst();
  return (after - before) / count;
}

// What one collection finds unused may be what holds other things until the next.
async function residentSize() {
  for (let i = 0; i < COLLECTIONS; i++) {
    await setTimeout(COLLECTION_MS);
    globalThis.gc?.();
  }
  return process.memoryUsage().rss;
}

export async function rate(seconds, step, warmUp = WARM_UP_SECONDS) {
  await repeat(warmUp, step);
  const before = process.cpuUsage();
  const count = await repeat(seconds, step);
  const { user, system } = process.cpuUsage(before);
  return count / (user + system) * 1e6;
}

async function repeat(seconds, step) {
  const end = performance.now() + seconds * 1000;
  let count = 0;
  while (performance.now() < end) {
    const result = step();
    count += typeof result === "number" ? result : await result;
  }
  return count;
}
