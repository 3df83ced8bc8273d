// The transcript: one hash over all entries of a conversation in their order,
// by which two members notice that the server shows them different histories.

import type { CallEnd, CallId, CallMedia, CallOutcome } from "@/protocol/wire";

import { type Bytes, bytes, label, sha256, u64 } from "./bytes";

/** The transcript once the entry with this id has got this number. */
export function nextTranscript(before: Bytes, id: Bytes, seq: number): Promise<Bytes> {
  return sha256(LABEL, before, id, u64(seq));
}

/** What stands for the id of an entry that the server wrote at the end of a call. */
export function callEntryId(call: CallId, caller: string, media: CallMedia, end: CallEnd): Promise<Bytes> {
  const kinds = new Uint8Array([media === "audio" ? 0 : 1, OUTCOMES.indexOf(end.outcome)]);
  return sha256(label("call-entry\0"), bytes(call, 16), bytes(caller, 16), kinds, u64(end.duration));
}

const LABEL = label("transcript\0");
const OUTCOMES: readonly CallOutcome[] = ["completed", "declined", "cancelled", "missed", "busy", "failed"];
