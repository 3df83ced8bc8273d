// The transcripts that this device has seen, kept by ranges of entries. What
// the server tells must chain to them.

import type { ConversationId, Seq } from "@/protocol/wire";

import { type Bytes, equal } from "../bytes";
import type { Rows } from "./rows";
import type { Store } from "./store";

export class Transcripts {
  readonly #store: Store;
  readonly #conversation: ConversationId;
  readonly #ranges = new Map<number, Record<Seq, Bytes>>();
  readonly #changed = new Set<number>();

  constructor(store: Store, conversation: ConversationId) {
    this.#store = store;
    this.#conversation = conversation;
  }

  async at(seq: Seq): Promise<Bytes | null> {
    if (seq === 0) return new Uint8Array(32);
    return (await this.#range(seq))[seq] ?? null;
  }

  /** Remembers one; false when another is remembered. */
  async learn(seq: Seq, transcript: Bytes): Promise<boolean> {
    const known = await this.at(seq);
    if (known) return equal(known, transcript);
    (await this.#range(seq))[seq] = transcript;
    this.#changed.add(rangeOf(seq));
    return true;
  }

  async save(): Promise<void> {
    for (const range of this.#changed) await this.#store.note("transcripts", this.#key(range), this.#ranges.get(range) ?? {});
    this.#changed.clear();
  }

  async #range(seq: Seq): Promise<Record<Seq, Bytes>> {
    const number = rangeOf(seq);
    let range = this.#ranges.get(number);
    if (!range) {
      range = { ...((await this.#store.get("transcripts", this.#key(number))) as Rows["transcripts"] | undefined) };
      this.#ranges.set(number, range);
    }
    return range;
  }

  #key(range: number): string {
    return `${this.#conversation}/${range}`;
  }
}

function rangeOf(seq: Seq): number {
  return Math.floor(seq / RANGE);
}

const RANGE = 128;
