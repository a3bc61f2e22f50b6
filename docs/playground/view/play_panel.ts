/// <reference lib="dom" />
import { durationText } from "../../../src/cli/format.ts";
import { toPem } from "../../../src/cli/session/pem.ts";
import { randomSeed } from "../../../src/testing/entropy.ts";
import {
  type Action,
  CLOCK_STEPS,
  type ClockStep,
  linkOf,
  MAX_ACTIONS,
  type PageState,
  pageStateOf,
  settingsAfter,
  withAction,
} from "../model/actions.ts";
import { codeOf } from "../model/code.ts";
import { planOf } from "../model/plan.ts";
import { Playground, type Visit } from "../model/run.ts";
import { codeView } from "./code.ts";
import { Controls } from "./controls.ts";
import { copies, save } from "./copy.ts";
import { byId, document, h } from "./dom.ts";
import type { Examples } from "./explain_panel.ts";
import { storeView } from "./store.ts";
import { VisitsView } from "./visits.ts";

/** What the panel asks of the page. */
export interface PlayPanelOptions {
  /** Explains a capture. */
  readonly explain: (capture: Uint8Array) => void;
}

/** A page that nobody has touched makes one connection. */
const FIRST: readonly Action[] = [{ type: "connect" }];

/** The tab with the client, the servers and the store. */
export class PlayPanel {
  readonly #visits = new VisitsView();
  readonly #controls: Controls;
  readonly #seed = byId("seed", "input");
  #state: PageState = { seed: "", actions: [] };
  #playground: Playground | undefined;
  #done = 0;
  #knownIds: ReadonlySet<string> = new Set();
  /** Actions are done one after the other. */
  #queue: Promise<void> = Promise.resolve();

  /** Makes the controls of the tab work. */
  constructor({ explain }: PlayPanelOptions) {
    this.#controls = new Controls((name, value) =>
      this.#act({ type: "set", name, value })
    );
    byId("settings", "div").append(...this.#controls.elements);
    byId("controls", "form").addEventListener("submit", (event) => {
      event.preventDefault();
      // Enter in the seed's field is for the seed.
      if (document.activeElement === this.#seed) this.#reseed();
      else this.#act({ type: "connect" });
    });
    this.#onClick("again", () => this.#act({ type: "again" }));
    this.#onClick("replay", () => this.#act({ type: "replay" }));
    this.#onClick(
      "start-over",
      () => this.#load({ seed: randomSeed(), actions: FIRST }),
    );
    this.#seed.addEventListener("change", () => this.#reseed());
    followWidth(byId("options", "details"));
    byId("clock-steps", "div").append(
      ...Object.entries(CLOCK_STEPS).map(([step, { label }]) =>
        h("button", {
          type: "button",
          "data-step": step,
          onclick: () => this.#act({ type: "clock", step: step as ClockStep }),
        }, `+ ${label}`)
      ),
    );
    copies(
      byId("copy-link", "button"),
      () => new URL(linkOf(this.#state), location.href).href,
    );
    copies(byId("copy-code", "button"), () => codeOf(this.#state));
    this.#onClick("save-pcapng", () => {
      const capture = this.#capture();
      if (capture) save("sesame.pcapng", capture, "application/x-pcapng");
    });
    this.#onClick("explain-pcapng", () => {
      const capture = this.#capture();
      if (capture) explain(capture);
    });
    addEventListener("hashchange", () => this.#follow());
  }

  /** Does what the link says, or makes a first connection. */
  start(): Promise<void> {
    return this.#load(
      pageStateOf(location.hash) ?? { seed: randomSeed(), actions: FIRST },
    );
  }

  /** What there is to explain of the connection that is shown. */
  examples(): Examples | undefined {
    const visit = this.#visits.selected;
    const session = this.#visits.session;
    if (visit === undefined || session === undefined) return undefined;
    return {
      hello: visit.sent.slice(0, helloEnd(visit.sent)),
      session: toPem(session),
      capture: visit.trace.toPcapng({ keyLog: visit.trace.keyLog !== "" }),
    };
  }

  /** Does what another link says. A link within the page leaves the address as it was. */
  #follow(): void {
    const linked = pageStateOf(location.hash);
    const link = linkOf(this.#state);
    if (linked === undefined) globalThis.history.replaceState(null, "", link);
    else if (linkOf(linked) !== link) this.#load(linked);
  }

  #onClick(id: string, act: () => void): void {
    byId(id, "button").addEventListener("click", act);
  }

  #capture(): Uint8Array<ArrayBuffer> | undefined {
    const trace = this.#visits.selected?.trace;
    return trace?.toPcapng({ keyLog: trace.keyLog !== "" });
  }

  #reseed(): void {
    const seed = this.#seed.value.trim();
    if (seed === "" || seed === this.#state.seed) return;
    this.#load({ ...this.#state, seed });
  }

  /** Does an action after those that are under way. */
  #act(action: Action): Promise<void> {
    return this.#soon(async () => {
      if (action.type !== "set" && this.#state.actions.length >= MAX_ACTIONS) {
        this.#visits.say("This page is full. Start over for more.");
        return;
      }
      const actions = withAction(this.#state.actions, action);
      await this.#proceed({ ...this.#state, actions });
    });
  }

  /** Does all actions of a state from the beginning. */
  #load(state: PageState): Promise<void> {
    return this.#soon(async () => {
      this.#playground?.[Symbol.dispose]();
      this.#playground = new Playground(state.seed);
      this.#done = 0;
      this.#knownIds = new Set();
      this.#visits.clear();
      await this.#proceed(state);
    });
  }

  #soon(act: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(act).catch((error) => {
      console.error(error);
      this.#visits.say(`This can't be done: ${error.message}`);
    });
    return this.#queue;
  }

  /** Takes the steps that are new, and shows what has become of them. */
  async #proceed(state: PageState): Promise<void> {
    const playground = this.#playground;
    if (playground === undefined) return;
    this.#state = state;
    const steps = planOf(state);
    const visits: Visit[] = [];
    for (const step of steps.slice(this.#done)) {
      this.#done++;
      const known = await idsOf(playground);
      const visit = await playground.take(step);
      if (visit === undefined) continue;
      visits.push(visit);
      this.#knownIds = known;
    }
    this.#visits.add(visits);
    await this.#show(playground);
  }

  async #show(playground: Playground): Promise<void> {
    const { actions, seed } = this.#state;
    globalThis.history.replaceState(null, "", linkOf(this.#state));
    this.#seed.value = seed;
    this.#controls.show(settingsAfter(actions));
    const hasVisits = this.#visits.selected !== undefined;
    for (const id of ["again", "replay"]) {
      byId(id, "button").disabled = !hasVisits;
    }
    byId("downloads", "div").hidden = !hasVisits;
    const now = byId("now", "time");
    now.dateTime = new Date(playground.now).toISOString();
    now.textContent = timeText(playground.now);
    byId("store", "div").replaceChildren(
      storeView(await playground.records(), this.#knownIds, playground.now),
    );
    byId("code", "code").replaceChildren(codeView(codeOf(this.#state)));
  }
}

/** On a narrow page settings come after a tap, so that results are near the buttons. */
function followWidth(options: HTMLDetailsElement): void {
  const isWide = globalThis.matchMedia("(min-width: 56.01rem)");
  const follow = (): void => void (options.open = isWide.matches);
  isWide.addEventListener("change", follow);
  follow();
}

async function idsOf(playground: Playground): Promise<ReadonlySet<string>> {
  const records = await playground.records();
  return new Set(records.map(({ id }) => id.toHex()));
}

/** Where the first record of what a client sent ends. */
function helloEnd(bytes: Uint8Array): number {
  return 5 + ((bytes[3] ?? 0) << 8 | (bytes[4] ?? 0));
}

/** The time of a fleet that was started at the beginning of a year. */
function timeText(now: number): string {
  const text = new Date(now).toISOString().slice(0, 19).replace("T", " ");
  const since = now - Date.UTC(2030, 0, 1);
  return since < 1000
    ? `${text} UTC`
    : `${text} UTC, ${durationText(since)} after the start`;
}
