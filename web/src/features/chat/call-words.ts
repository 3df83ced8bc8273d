// A finished call in a few words, from where this account stood.

import type { Words } from "@/lib/i18n";
import type { AccountId, EntryContent, Millis } from "@/protocol/wire";

/** What became of a call: "Video call, 3 min", "Missed audio call". */
export function callWords(call: EntryContent & { type: "call" }, own: AccountId, words: Words): string {
  const { calls } = words.chat;
  const kind = calls[call.media];
  switch (call.end.outcome) {
    case "completed":
      return calls.lasted(kind, span(call.end.duration, words));
    case "declined":
      return calls.declined(kind);
    case "failed":
      return calls.failed(kind);
    case "cancelled":
      return call.caller === own ? calls.cancelled(kind) : calls.missed[call.media];
    case "missed":
      return call.caller === own ? calls.noAnswer(kind) : calls.missed[call.media];
    case "busy":
      return call.caller === own ? calls.busy(kind) : calls.missed[call.media];
  }
}

/** Whether this account was called and did not get to talk. */
export function wasMissed(call: EntryContent & { type: "call" }, own: AccountId): boolean {
  return call.caller !== own && ["missed", "cancelled", "busy"].includes(call.end.outcome);
}

/** A duration as one says it. */
function span(duration: Millis, words: Words): string {
  const { calls } = words.chat;
  const seconds = Math.round(duration / 1_000);
  if (seconds < 60) return calls.seconds(seconds);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return calls.minutes(minutes);
  return calls.hours(Math.floor(minutes / 60), minutes % 60);
}
