// What this client holds of one conversation: a contiguous window of entries.
// It grows at the end by live and replayed entries and at the front by pages
// of history, and never has a gap or anything twice. What could not be opened
// when it came holds its place, and is replaced there when it can.

import { Cell, type Readable } from "@/lib/readable";
import type { Seq } from "@/protocol/wire";

import type { TimelineEntry } from "./entry";

/** What of a conversation is here. */
export interface Window {
  /** Rising seqs without a gap. */
  readonly entries: readonly TimelineEntry[];
  /** Nothing is older than the first entry here. */
  readonly complete: boolean;
  readonly loading: "no" | "older" | "failed";
}

/** A page of history, opened. */
export interface OpenPage {
  readonly entries: readonly TimelineEntry[];
  readonly more: boolean;
}

/** Reads a page of history from before a seq. */
export type Pages = (before: Seq) => Promise<OpenPage>;

/** Where a window begins: the newest entry of a conversation. */
export interface Start {
  readonly head: Seq;
  readonly last: TimelineEntry | null;
}

/** The window of one conversation. */
export class Timeline {
  readonly #pages: Pages;
  readonly #window: Cell<Window>;
  /** Grows when the window starts over, so that a page asked for before is not merged. */
  #era = 0;

  constructor(begin: Start, pages: Pages) {
    this.#pages = pages;
    this.#window = new Cell(start(begin));
  }

  get window(): Readable<Window> {
    return this.#window;
  }

  /** All entries up to here have been here: the cursor to resume from. */
  get end(): Seq {
    return this.#window.snapshot().entries.at(-1)?.seq ?? 0;
  }

  get size(): number {
    return this.#window.snapshot().entries.length;
  }

  get last(): TimelineEntry | null {
    return this.#window.snapshot().entries.at(-1) ?? null;
  }

  /** How many of the entries here after a seq are such. */
  countAfter(seq: Seq, such: (entry: TimelineEntry) => boolean): number {
    const { entries } = this.#window.snapshot();
    let count = 0;
    for (let i = entries.length - 1; i >= 0; i--) {
      const entry = entries[i];
      if (!entry || entry.seq <= seq) break;
      if (such(entry)) count += 1;
    }
    return count;
  }

  /** Takes entries in, live or replayed; returns those that are new here. */
  append(entries: readonly TimelineEntry[]): TimelineEntry[] {
    const { end } = this;
    const fresh = entries.filter((entry) => entry.seq > end);
    const first = fresh[0];
    if (!first) return [];
    const window = this.#window.snapshot();
    if (first.seq === end + 1) {
      this.#window.set({ ...window, entries: [...window.entries, ...fresh] });
    } else {
      // The protocol has no gaps. Should one appear, begin behind it: older pages fill it on demand.
      this.#era += 1;
      this.#window.set({ entries: fresh, complete: false, loading: "no" });
    }
    return fresh;
  }

  /** Puts entries that were opened anew into their places; returns those that had one. */
  replace(entries: readonly TimelineEntry[]): TimelineEntry[] {
    const window = this.#window.snapshot();
    const first = window.entries[0]?.seq;
    if (first === undefined) return [];
    const here = entries.filter(({ seq }) => window.entries[seq - first] !== undefined);
    if (here.length === 0) return [];
    const next = [...window.entries];
    for (const entry of here) next[entry.seq - first] = entry;
    this.#window.set({ ...window, entries: next });
    return here;
  }

  /** Loads the page before the window, unless that is under way or there is none. */
  async loadOlder(): Promise<void> {
    const window = this.#window.snapshot();
    const first = window.entries[0];
    if (window.complete || window.loading === "older" || !first) return;
    const era = this.#era;
    this.#window.set({ ...window, loading: "older" });
    try {
      const page = await this.#pages(first.seq);
      if (era === this.#era) this.#prepend(page);
    } catch {
      if (era === this.#era) this.#window.set({ ...this.#window.snapshot(), loading: "failed" });
    }
  }

  /** Forgets old entries, for a conversation that nobody looks at. */
  trim(keep: number): void {
    const window = this.#window.snapshot();
    if (window.entries.length <= keep) return;
    this.#era += 1;
    this.#window.set({ entries: window.entries.slice(-keep), complete: false, loading: "no" });
  }

  /** Starts over, because what is here belongs to another history. */
  reset(begin: Start): void {
    this.#era += 1;
    this.#window.set(start(begin));
  }

  #prepend(page: OpenPage): void {
    const window = this.#window.snapshot();
    const first = window.entries[0];
    if (!first) return;
    const older = contiguousBefore(first.seq, page.entries);
    const reached = older[0]?.seq ?? first.seq;
    this.#window.set({
      entries: older.length > 0 ? [...older, ...window.entries] : window.entries,
      // A page that brings nothing must not be asked for forever.
      complete: reached <= 1 || !page.more || older.length === 0,
      loading: "no",
    });
  }
}

function start({ head, last }: Start): Window {
  const entries = last ? [last] : [];
  return { entries, complete: head === 0 || last?.seq === 1, loading: "no" };
}

/** The end of a page that joins directly to what begins with `seq`. */
function contiguousBefore(seq: Seq, entries: readonly TimelineEntry[]): TimelineEntry[] {
  const joined: TimelineEntry[] = [];
  let next = seq - 1;
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i];
    if (entry?.seq !== next) {
      if (entry && entry.seq > next) continue;
      break;
    }
    joined.push(entry);
    next -= 1;
  }
  return joined.toReversed();
}
