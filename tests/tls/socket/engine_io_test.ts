/** What is kept between an engine and a transport has a bound, whatever the engine makes. */
import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TlsEngine } from "../../../src/tls/engine/engine.ts";
import { EngineIo } from "../../../src/tls/socket/engine_io.ts";
import { StreamWire } from "../../../src/tls/socket/stream_wire.ts";
import { fakeEngine } from "../../support/fake_engine.ts";
import { delay } from "../../support/fleet.ts";

const RECORD_BYTES = 16_384;
/** What the peer would send if it were read for ever. */
const RECORDS = 100;

const EVENTS = {
  onOpen: () => {},
  onSession: () => {},
  onInputEnd: () => {},
  onWriteFailure: () => {},
  onFailure: () => {},
};

/** A peer that sends records and takes nothing: how many were read of it. */
async function readOf(
  engine: Partial<TlsEngine>,
  send?: () => Uint8Array<ArrayBuffer>,
): Promise<number> {
  let sent = 0;
  const transport = {
    readable: new ReadableStream<Uint8Array>({
      pull(controller): void {
        if (sent++ < RECORDS) controller.enqueue(new Uint8Array(RECORD_BYTES));
        else controller.close();
      },
    }, { highWaterMark: 0 }),
    writable: new WritableStream<Uint8Array>({
      write: () => new Promise(() => {}),
    }),
  };
  const io = new EngineIo(
    fakeEngine({
      endOfInput: () => {
        throw new Error("The transport ended");
      },
      ...engine,
    }, send),
    new StreamWire(transport),
    EVENTS,
  );
  io.run();
  await delay(20);
  io.stop({ error: new Error("the end") }, true);
  return sent;
}

describe("A peer that takes nothing", () => {
  it("is read until 256 KiB of answers wait for it", async () => {
    const sent = await readOf({}, () => new Uint8Array(RECORD_BYTES));
    assert(sent > 8 && sent <= 17, `${sent} records were read`);
  });

  it("is read to the end if it needs no answers", async () => {
    const sent = await readOf({});
    assert(sent > RECORDS, `${sent} records were read`);
  });

  it("is read 64 KiB ahead while the handshake waits for a store", async () => {
    const sent = await readOf({ pending: new Promise(() => {}) });
    assert(sent >= 4 && sent <= 5, `${sent} records were read`);
  });
});
