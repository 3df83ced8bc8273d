// Keeps the index complete: pulls the history that is not indexed yet in the
// background, the newest first, a page at a time, and takes in what comes live.

import { Cell, type Readable } from "@/lib/readable";
import type { ConversationId, Seq } from "@/protocol/wire";

import type { Deletion, Document, Found, Query } from "./search-index";
import type { Coverage } from "./messages";
import { cover, newestGap, type Range } from "./ranges";
import type { Segment } from "./shelf";

/** An entry as far as search is concerned. */
export interface Seen {
  readonly seq: Seq;
  /** Null when there is nothing to find in it. */
  readonly document: Document | null;
  /** The file that it deletes. */
  readonly deletion?: Deletion;
  /** It could not be opened yet, and may be later. */
  readonly closed: boolean;
}

/** Where entries come from. */
export interface Source {
  /** The conversations of this account with their newest seq, the most recent ones first. */
  conversations(): readonly { readonly id: ConversationId; readonly head: Seq }[];
  /** The entries before a seq, up to a page, in rising order. */
  page(conversation: ConversationId, before: Seq): Promise<readonly Seen[]>;
  /** Resolves when there is nothing more urgent to do. */
  idle(): Promise<void>;
}

/** Where they go. */
export interface Sink {
  open(): Promise<Coverage>;
  add(segment: Segment): Promise<void>;
  find(query: Query, limit: number): Promise<Found>;
  forget(conversation: ConversationId): Promise<void>;
  stop(): void;
}

/** How far the index has come. */
export interface Progress {
  /** Entries indexed, and entries there are. */
  readonly indexed: number;
  readonly entries: number;
  readonly state: "opening" | "indexing" | "complete" | "failed";
}

/** The searchable history of one account. */
export class Search {
  readonly #source: Source;
  readonly #sink: Sink;
  readonly #covered = new Map<ConversationId, readonly Range[]>();
  readonly #progress = new Cell<Progress>({ indexed: 0, entries: 0, state: "opening" });
  /** Ends of pages that hold closed entries: not asked for again until something has changed. */
  readonly #closed = new Map<ConversationId, readonly Range[]>();
  #opened: Promise<void> | null = null;
  /** What is being added while the next page comes. */
  #adding: Promise<void> = Promise.resolve();
  #running = false;
  #again = false;
  #stopped = false;

  constructor(source: Source, sink: Sink) {
    this.#source = source;
    this.#sink = sink;
  }

  get progress(): Readable<Progress> {
    return this.#progress;
  }

  /** Looks for messages in what is indexed so far. */
  async find(query: Query, limit: number): Promise<Found> {
    await this.#open();
    return this.#sink.find(query, limit);
  }

  /** There may be entries to index: after the welcome, a new entry, new keys. */
  async update(changedKeys = false): Promise<void> {
    if (changedKeys) this.#closed.clear();
    this.#again = true;
    if (this.#running || this.#stopped) return;
    this.#running = true;
    try {
      await this.#open();
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#fill();
        await this.#adding;
      }
      this.#report("complete");
    } catch {
      // What was taken for added may not be: the shelf tells.
      this.#adding = Promise.resolve();
      this.#opened = null;
      this.#covered.clear();
      this.#report("failed");
    } finally {
      this.#running = false;
    }
  }

  /** A conversation is gone. */
  async forget(conversation: ConversationId): Promise<void> {
    this.#covered.delete(conversation);
    this.#closed.delete(conversation);
    await this.#open();
    await this.#sink.forget(conversation);
  }

  stop(): void {
    this.#stopped = true;
    this.#sink.stop();
  }

  #open(): Promise<void> {
    this.#opened ??= this.#sink.open().then((coverage) => {
      for (const [conversation, ranges] of coverage) this.#covered.set(conversation, ranges);
    });
    return this.#opened;
  }

  /** Indexes all gaps; conversation after conversation, so that the recent ones come first. */
  async #fill(): Promise<void> {
    for (const { id, head } of this.#source.conversations()) {
      for (let gap = this.#gap(id, head); gap && !this.#stopped; gap = this.#gap(id, head)) {
        this.#report("indexing");
        await this.#source.idle();
        await this.#take(id, gap);
      }
    }
  }

  #gap(id: ConversationId, head: Seq): Range | null {
    const closed = this.#closed.get(id) ?? [];
    const ranges = closed.reduce<readonly Range[]>((all, range) => cover(all, range), this.#covered.get(id) ?? []);
    return newestGap(ranges, head);
  }

  /** Indexes the newest page of a gap. */
  async #take(conversation: ConversationId, gap: Range): Promise<void> {
    const page = await this.#source.page(conversation, gap.to + 1);
    const seen = page.filter(({ seq }) => seq >= gap.from && seq <= gap.to);
    const from = seen[0]?.seq ?? gap.from;
    for (const run of runs(seen)) {
      const range = { from: run[0]?.seq ?? from, to: run.at(-1)?.seq ?? from };
      if (run[0]?.closed) {
        this.#closed.set(conversation, cover(this.#closed.get(conversation) ?? [], range));
        continue;
      }
      const documents = run.map(({ document }) => document).filter((document) => document !== null);
      const deletions = run.flatMap(({ deletion }) => deletion ?? []);
      await this.#adding;
      this.#adding = this.#sink.add({ conversation, ...range, documents, deletions });
      // Waited for before the next one is added.
      this.#adding.catch(() => undefined);
      this.#covered.set(conversation, cover(this.#covered.get(conversation) ?? [], range));
    }
    // A page without entries must not be asked for for ever.
    if (seen.length === 0) this.#closed.set(conversation, cover(this.#closed.get(conversation) ?? [], gap));
  }

  #report(state: Progress["state"]): void {
    const conversations = this.#source.conversations();
    const count = (ranges: readonly Range[]) => ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    const indexed = conversations.reduce((sum, { id }) => sum + count(this.#covered.get(id) ?? []), 0);
    this.#progress.set({ indexed, entries: conversations.reduce((sum, { head }) => sum + head, 0), state });
  }
}

/** Neighbours that are all closed or all open. */
function runs(seen: readonly Seen[]): Seen[][] {
  const all: Seen[][] = [];
  for (const entry of seen) {
    const run = all.at(-1);
    const last = run?.at(-1);
    if (run && last?.closed === entry.closed && last.seq + 1 === entry.seq) run.push(entry);
    else all.push([entry]);
  }
  return all;
}
