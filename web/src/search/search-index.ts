// The index itself: texts in, places out. Knows no storage and no keys.

import MiniSearch from "minisearch";

import type { AccountId, ConversationId, FileId, Millis, Seq } from "@/protocol/wire";

import { terms } from "./terms";

/** A message as it can be found. */
export interface Document {
  readonly conversation: ConversationId;
  readonly seq: Seq;
  readonly time: Millis;
  readonly sender: AccountId;
  readonly text: string;
  /** The file sent with it, which is found by its name. */
  readonly file?: { readonly id: FileId; readonly name: string };
}

/** A file that who sent it has deleted: its name is to be found no longer. */
export interface Deletion {
  readonly conversation: ConversationId;
  readonly sender: AccountId;
  readonly file: FileId;
}

/** What is looked for: every word must be there, the last one may be unfinished. */
export interface Query {
  readonly text: string;
  /** Only in this conversation. */
  readonly conversation?: ConversationId;
  /** Only by this person. */
  readonly sender?: AccountId;
}

/** What was found, the newest first. */
export interface Found {
  readonly hits: readonly Document[];
  /** How many there are in all. */
  readonly total: number;
}

/** The messages of one account that can be found. */
export class SearchIndex {
  readonly #engine = new MiniSearch<Document & { readonly id: string }>({
    fields: ["text"],
    storeFields: ["conversation", "seq", "time", "sender", "text"],
    tokenize: terms,
    // `terms` has done it.
    processTerm: (term) => term,
  });
  /** What is indexed of each conversation, to be able to forget it. */
  readonly #known = new Map<ConversationId, Set<string>>();

  /** The messages with files, and which files are deleted, whichever comes first. */
  readonly #files = new Map<string, Document>();
  readonly #deleted = new Set<string>();

  /** Messages indexed. */
  get size(): number {
    return this.#engine.documentCount;
  }

  /** Adds messages; one that is there already stays as it is. */
  add(documents: readonly Document[]): void {
    for (const document of documents) {
      const known = this.#of(document.conversation);
      const id = `${document.conversation}/${document.seq}`;
      if (known.has(id)) continue;
      known.add(id);
      this.#put(id, document);
    }
  }

  /** Forgets the names of deleted files; what was written to them stays. */
  delete(deletions: readonly Deletion[]): void {
    for (const deletion of deletions) {
      const key = fileKey(deletion.conversation, deletion.sender, deletion.file);
      this.#deleted.add(key);
      const document = this.#files.get(key);
      if (!document) continue;
      const id = `${document.conversation}/${document.seq}`;
      this.#engine.discard(id);
      this.#put(id, document);
    }
  }

  /** Forgets a conversation. */
  forget(conversation: ConversationId): void {
    this.#engine.discardAll([...this.#of(conversation)]);
    this.#known.delete(conversation);
    for (const [key, document] of this.#files) if (document.conversation === conversation) this.#files.delete(key);
  }

  /** Looks for messages; nothing is found by a query without a word. */
  find({ text, conversation, sender }: Query, limit: number): Found {
    const words = terms(text);
    const unfinished = /[\p{L}\p{N}\p{M}]$/u.test(text);
    if (words.length === 0) return { hits: [], total: 0 };
    const results = this.#engine.search(text, {
      combineWith: "AND",
      // A word that is still being written is a beginning; one with a space after it is whole.
      prefix: (_term, index, all) => unfinished && index === all.length - 1,
      filter: (result) =>
        (conversation === undefined || result.conversation === conversation) &&
        (sender === undefined || result.sender === sender),
    });
    const hits = results.map(
      (result): Document => ({
        conversation: result.conversation as ConversationId,
        seq: result.seq as Seq,
        time: result.time as Millis,
        sender: result.sender as AccountId,
        text: result.text as string,
      }),
    );
    hits.sort((a, b) => b.time - a.time || b.seq - a.seq);
    return { hits: hits.slice(0, limit), total: hits.length };
  }

  #put(id: string, { file, ...document }: Document): void {
    const key = file && fileKey(document.conversation, document.sender, file.id);
    let { text } = document;
    if (key && this.#deleted.has(key)) {
      this.#files.delete(key);
    } else if (key) {
      this.#files.set(key, { ...document, file });
      text = `${text} ${file.name}`.trim();
    }
    this.#engine.add({ ...document, text, id });
  }

  #of(conversation: ConversationId): Set<string> {
    let known = this.#known.get(conversation);
    if (!known) {
      known = new Set();
      this.#known.set(conversation, known);
    }
    return known;
  }
}

function fileKey(conversation: ConversationId, sender: AccountId, file: FileId): string {
  return `${conversation}/${sender}/${file}`;
}
