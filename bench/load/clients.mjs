// deno-lint-ignore-file explicit-function-return-type -- a program, checked as it runs
// The clients of `deno task load`: Node's `tls`, so that they take less than the server
// does. Commands come as lines of JSON on standard input, whose end ends it all; what
// happened goes out as lines of JSON (clients.ts has their types).
//
//   node clients.mjs SETTINGS_AS_JSON
import { readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import tls from "node:tls";
import { Connection } from "../tcp_connection.mjs";

const REPORT_MS = 100;
const FIRST_BACKOFF_MS = 10;
const LAST_BACKOFF_MS = 1_000;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

const settings = JSON.parse(process.argv[2]);
const secureContext = tls.createSecureContext({
  minVersion: settings.version,
  maxVersion: settings.version,
  ...(settings.ca && { ca: readFileSync(settings.ca) }),
});
const targets = settings.targets.map(({ hostname, port, servername }) => ({
  host: hostname,
  port,
  servername,
  secureContext,
  rejectUnauthorized: !settings.insecure,
}));
const workers = Array.from({ length: settings.clients }, (_, i) => ({
  turn: i + settings.firstClient,
  session: undefined,
}));
const held = [];
let samples = [];
let errors = {};
let startedAt = 0;

const commands = { load, open, ask };
createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { command, ...options } = JSON.parse(line);
    await reporting(() => commands[command](options));
  })
  .on("close", () => process.exit());

/** Runs a command, and says meanwhile what happens, and in the end what it took. */
async function reporting(run) {
  startedAt = performance.now();
  const cpu = process.cpuUsage();
  const report = (extra) => {
    console.log(JSON.stringify({ at: elapsed(), samples, errors, ...extra }));
    samples = [];
    errors = {};
  };
  const timer = setInterval(report, REPORT_MS);
  await run();
  clearInterval(timer);
  const { user, system } = process.cpuUsage(cpu);
  report({ done: true, cpuMs: (user + system) / 1000 });
}

/** Each worker connects over and over; those who are under way at the end get to theirs. */
async function load({ seconds, isResuming }) {
  const end = seconds * 1000;
  await Promise.all(workers.map(async (worker) => {
    let backoff = FIRST_BACKOFF_MS;
    while (elapsed() < end) {
      const isFine = await exchange(worker, isResuming);
      if (isFine) {
        backoff = FIRST_BACKOFF_MS;
        continue;
      }
      // What refuses connections would be asked without a pause.
      await setTimeout(Math.min(backoff, Math.max(0, end - elapsed())));
      backoff = Math.min(backoff * 2, LAST_BACKOFF_MS);
    }
  }));
}

async function exchange(worker, isResuming) {
  const begunAt = performance.now();
  const connection = connect(worker, isResuming);
  await connection.opened;
  if (!connection.isClosed) connection.ask(settings.request, settings);
  await connection.closed;
  worker.session = connection.session ?? worker.session;
  return count(connection, performance.now() - begunAt);
}

/** Opens connections and holds them, as many at a time as there are clients. */
async function open({ count: total }) {
  let begun = 0;
  await Promise.all(workers.map(async (worker) => {
    while (begun < total) {
      begun++;
      const connection = connect(worker, false);
      await connection.opened;
      sample(connection, null);
      if (connection.failure) fail(connection.failure);
      else held.push(connection);
    }
  }));
}

/** Has each connection that is held answer one request. */
async function ask() {
  await Promise.all(workers.map(async () => {
    for (let next = held.pop(); next !== undefined; next = held.pop()) {
      const begunAt = performance.now();
      if (!next.isClosed) next.ask(settings.request, settings);
      await next.closed;
      const failure = failureOf(next);
      if (failure) fail(failure);
      else samples.push([elapsed(), null, performance.now() - begunAt, 0]);
    }
  }));
}

/** The next target's turn: a session of one server is proposed to the next. */
function connect(worker, isResuming) {
  const target = targets[worker.turn++ % targets.length];
  const { timeout } = settings;
  const session = isResuming ? worker.session : undefined;
  return new Connection(target, { session, timeout });
}

function count(connection, exchangeMs) {
  const failure = failureOf(connection);
  sample(connection, failure ? null : exchangeMs);
  if (failure) fail(failure);
  return !failure;
}

function sample({ handshakeMs, isResumed }, exchangeMs) {
  if (handshakeMs === undefined) return;
  samples.push([elapsed(), handshakeMs, exchangeMs, isResumed ? 1 : 0]);
}

function failureOf({ failure, head, wasAsked }) {
  if (failure) return failure;
  if (!wasAsked) return "open: closed by the server";
  if (settings.request === "") return undefined;
  if (head === "") return "answer: nothing";
  if (!settings.isHttp) return undefined;
  const [, status] = STATUS_LINE.exec(head) ?? [];
  if (status === undefined) return "answer: not HTTP";
  return /^[23]/.test(status) ? undefined : `answer: HTTP ${status}`;
}

function fail(reason) {
  errors[reason] = (errors[reason] ?? 0) + 1;
}

/** Milliseconds since the command began. */
function elapsed() {
  return performance.now() - startedAt;
}
