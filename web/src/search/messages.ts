// What the page and the search worker say to each other.

import type { AccountId, ConversationId } from "@/protocol/wire";

import type { Found, Query } from "./search-index";
import type { Range } from "./ranges";
import type { Segment } from "./shelf";

/** Which entries of each conversation are indexed. */
export type Coverage = readonly (readonly [ConversationId, readonly Range[]])[];

/** A question, and what answers it. */
export interface Questions {
  /** First, once: loads what an earlier page has indexed. */
  open: { ask: { account: AccountId }; answer: Coverage };
  /** Indexes a run of entries, for good. */
  add: { ask: { segment: Segment }; answer: null };
  find: { ask: { query: Query; limit: number }; answer: Found };
  forget: { ask: { conversation: ConversationId }; answer: null };
}

export type Question = {
  [K in keyof Questions]: { id: number; type: K } & Questions[K]["ask"];
}[keyof Questions];

export type Answer = { id: number; value: Questions[keyof Questions]["answer"] } | { id: number; failed: string };
