/// <reference lib="dom" />
import { s } from "./dom.ts";
import type { ArrowRow, NoteRow, Row, StoreRow } from "./ladder_rows.ts";
import { inLines, wrapped } from "./wrap.ts";

/** Where the lifelines are, in pixels from the left. */
interface Lanes {
  readonly client: number;
  readonly server: number;
  readonly store: number | null;
}

const AXIS_WIDTH = 46;
const TOP = 44;
const TITLE_HEIGHT = 20;
const DETAIL_HEIGHT = 16;
/** How far an arrow falls: bytes take time. */
const SLOPE = 9;
const GAP = 9;
/** Between two flights. */
const FLIGHT_GAP = 12;
const STORE_ROOM = 58;

/** Draws a ladder for a width in pixels: the client on the left, the server on the right. */
export function drawLadder(
  rows: readonly Row[],
  width: number,
  label: string,
): SVGSVGElement {
  const hasStore = rows.some(({ kind }) => kind === "store");
  const lanes: Lanes = {
    client: AXIS_WIDTH + 14,
    server: width - (hasStore ? STORE_ROOM + 14 : 28),
    store: hasStore ? width - 18 : null,
  };
  const drawn: SVGElement[] = [];
  let y = TOP;
  let last: Row | undefined;
  rows.forEach((row, i) => {
    if (last !== undefined && isTurn(last, row)) y += FLIGHT_GAP;
    if (row.at !== last?.at) drawn.push(...tick(row.at, y, width, i));
    const { group, height } = drawRow(row, lanes, y);
    group.style.setProperty("--row", String(i));
    drawn.push(group);
    y += height + GAP;
    last = row;
  });
  const height = y + 8;
  return s(
    "svg",
    {
      class: "ladder",
      role: "img",
      "aria-label": label,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
    },
    lifeline("client", lanes.client, height, "middle"),
    lifeline("server", lanes.server, height, "middle"),
    lanes.store !== null && lifeline("store", lanes.store, height, "end"),
    ...drawn,
  );
}

/** Whether another endpoint goes on, or time has passed. */
function isTurn(before: Row, row: Row): boolean {
  if (before.at !== row.at) return true;
  const [one, other] = [before, row].map((given) =>
    given.kind === "arrow" ? given.from : "server"
  );
  return one !== other;
}

function lifeline(
  name: string,
  x: number,
  height: number,
  anchor: string,
): SVGElement {
  return s(
    "g",
    { class: `lifeline ${name}` },
    s(
      "text",
      { x: anchor === "end" ? x + 16 : x, y: 16, "text-anchor": anchor },
      name,
    ),
    s("line", { x1: x, y1: 24, x2: x, y2: height }),
  );
}

/** A mark of the time axis. */
function tick(at: number, y: number, width: number, i: number): SVGElement[] {
  const line = s("line", {
    class: "tick",
    x1: AXIS_WIDTH + 2,
    y1: y + 4,
    x2: width,
    y2: y + 4,
  });
  const text = s(
    "text",
    { class: "time", x: AXIS_WIDTH - 4, y: y + 8, "text-anchor": "end" },
    `${at} ms`,
  );
  text.style.setProperty("--row", String(i));
  return [line, text];
}

interface Drawn {
  readonly group: SVGGElement;
  readonly height: number;
}

function drawRow(row: Row, lanes: Lanes, y: number): Drawn {
  switch (row.kind) {
    case "arrow":
      return drawArrow(row, lanes, y);
    case "store":
      return drawStoreCall(row, lanes, y);
    case "note":
      return drawNote(row, lanes, y);
  }
}

function drawArrow(row: ArrowRow, lanes: Lanes, y: number): Drawn {
  const isClient = row.from === "client";
  const room = lanes.server - lanes.client - 24;
  const titles = wrapped(
    `${row.isFault ? "! " : ""}${row.title}`,
    "title",
    room,
  );
  const details = inLines(row.details, "detail", room);
  const x = isClient ? lanes.client + 12 : lanes.server - 12;
  const anchor = isClient ? "start" : "end";
  const arrowY = y + 4 + titles.length * DETAIL_HEIGHT;
  const [from, to] = isClient
    ? [lanes.client, lanes.server]
    : [lanes.server, lanes.client];
  const end = row.isLost ? from + (to - from) * 0.62 : to;
  const endY = arrowY + SLOPE;
  const classes = [
    "row",
    row.from,
    ...(row.isEncrypted ? ["encrypted"] : []),
    ...(row.isFault ? ["fault"] : []),
    ...(row.isLost ? ["lost"] : []),
  ].join(" ");
  const group = s(
    "g",
    { class: classes },
    ...titles.map((text, i) =>
      s("text", {
        class: "title",
        x,
        y: y + 13 + i * DETAIL_HEIGHT,
        "text-anchor": anchor,
      }, text)
    ),
    s("line", {
      class: "shaft",
      pathLength: 1,
      x1: from,
      y1: arrowY,
      x2: end,
      y2: endY,
    }),
    row.isEncrypted &&
      s("line", {
        class: "shaft core",
        pathLength: 1,
        x1: from,
        y1: arrowY,
        x2: end,
        y2: endY,
      }),
    row.isLost
      ? s("path", {
        class: "head cross",
        d: `M${end - 5} ${endY - 5}l10 10m0 -10l-10 10`,
      })
      : s("path", { class: "head", d: headAt(end, endY, isClient) }),
    ...details.map((text, i) =>
      s("text", {
        class: "detail",
        x,
        y: endY + 12 + i * DETAIL_HEIGHT,
        "text-anchor": anchor,
      }, text)
    ),
  );
  const height = endY - y + details.length * DETAIL_HEIGHT +
    (details.length > 0 ? 2 : 0);
  return { group, height };
}

function headAt(x: number, y: number, isRight: boolean): string {
  const back = isRight ? -9 : 9;
  return `M${x} ${y}l${back} -5v10z`;
}

function drawStoreCall(row: StoreRow, lanes: Lanes, y: number): Drawn {
  const { server, store } = lanes;
  const to = store ?? server;
  const middle = y + 9;
  const group = s(
    "g",
    { class: row.isFault ? "row store fault" : "row store" },
    s("text", {
      class: "title",
      x: server - 12,
      y: y + 13,
      "text-anchor": "end",
    }, `${row.isFault ? "! " : ""}${row.title}`),
    s("line", {
      class: "shaft",
      pathLength: 1,
      x1: server,
      y1: middle,
      x2: to,
      y2: middle,
    }),
    s("circle", { class: "head", cx: to, cy: middle, r: 4.5 }),
  );
  return { group, height: TITLE_HEIGHT };
}

function drawNote(row: NoteRow, lanes: Lanes, y: number): Drawn {
  const room = lanes.server - lanes.client - 28;
  const lines = wrapped(`! ${row.title}`, "detail", room);
  const height = 10 + lines.length * DETAIL_HEIGHT;
  const middle = (lanes.client + lanes.server) / 2;
  const group = s(
    "g",
    { class: "row note" },
    s("rect", {
      x: lanes.client + 10,
      y: y + 1,
      width: lanes.server - lanes.client - 20,
      height,
      rx: 5,
    }),
    ...lines.map((text, i) =>
      s("text", {
        class: "detail",
        x: middle,
        y: y + 17 + i * DETAIL_HEIGHT,
        "text-anchor": "middle",
      }, text)
    ),
  );
  return { group, height: height + 4 };
}
