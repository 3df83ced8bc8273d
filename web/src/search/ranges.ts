// Which entries of a conversation are indexed: ranges of seqs.

import type { Seq } from "@/protocol/wire";

/** From one seq to another, both included. */
export interface Range {
  readonly from: Seq;
  readonly to: Seq;
}

/** The ranges and one more, joined where they touch, in rising order. */
export function cover(ranges: readonly Range[], more: Range): Range[] {
  const joined: Range[] = [];
  for (const range of [...ranges, more].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && range.from <= last.to + 1) {
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    } else {
      joined.push(range);
    }
  }
  return joined;
}

/** The newest part of 1…head that is not covered; null when all is. */
export function newestGap(ranges: readonly Range[], head: Seq): Range | null {
  let to = head;
  for (const range of ranges.toReversed()) {
    if (range.to < to) return { from: range.to + 1, to };
    to = Math.min(to, range.from - 1);
  }
  return to >= 1 ? { from: 1, to } : null;
}
