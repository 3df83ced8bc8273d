// Where the log stands: it follows new messages while it is at its end, stays
// put while older ones load above, opens at what is new, and tells what was read.

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";

import type { Cell } from "@/lib/readable";
import { useReadable } from "@/lib/use-readable";
import type { Seq } from "@/protocol/wire";
import { type Room, useSession, type Window } from "@/session";

import { attention } from "./attention";
import type { Row } from "./rows";

export interface LogScroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  readonly list: RefObject<VirtualizerHandle | null>;
  /** The rows of this render came in front of those of the last one. */
  readonly shift: boolean;
  readonly onScroll: (offset: number) => void;
  readonly toEnd: () => void;
}

/**
 * Keeps the scroll of a log. `following` says whether it stays with its end,
 * `target` at which message it is to open.
 */
export function useLogScroll(
  room: Room,
  window: Window,
  rows: readonly Row[],
  freshFrom: Seq | null,
  following: Cell<boolean>,
  target: Seq | null,
): LogScroll {
  const session = useSession();
  const attentive = useReadable(attention);
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const placed = useRef(false);
  const lastOffset = useRef(0);

  const [shown, setShown] = useState({ rows, shift: false });
  if (shown.rows !== rows) setShown({ rows, shift: cameInFront(shown.rows, rows) });

  const toEnd = useCallback(() => {
    following.set(true);
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [following]);

  const look = useCallback(() => {
    const handle = list.current;
    if (!handle) return;
    const wanted = handle.scrollOffset < LOAD_AT || !placed.current;
    if (wanted && window.loading === "no") void room.timeline.loadOlder();
    if (!placed.current || !attention.snapshot()) return;
    const seq = following.snapshot() ? room.timeline.end : lastSeen(handle, rows);
    session.markRead(room.id, seq);
  }, [room, rows, session, window.loading, following]);

  const onScroll = useCallback(
    (offset: number) => {
      const element = scroller.current;
      if (!element) return;
      const distance = element.scrollHeight - element.clientHeight - offset;
      // Away from the end is only who went up: growing content moves the end, not the reader.
      if (distance < END_WITHIN) following.set(true);
      else if (offset < lastOffset.current - 1) following.set(false);
      lastOffset.current = offset;
      look();
    },
    [following, look],
  );

  useLayoutEffect(() => {
    if (!placed.current) {
      placed.current =
        target === null
          ? place(list.current, rows, window, freshFrom, following)
          : reach(list.current, rows, window, target, following);
    }
    if (following.snapshot()) toEnd();
  }, [rows, window, freshFrom, target, toEnd, following]);

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (following.snapshot()) toEnd();
      look();
    });
    if (scroller.current) observer.observe(scroller.current);
    if (content.current) observer.observe(content.current);
    return () => observer.disconnect();
  }, [toEnd, look, following]);

  useEffect(look, [look, attentive]);

  useEffect(() => room.watch(), [room]);

  return { scroller, content, list, shift: shown.shift, onScroll, toEnd };
}

/** Whether new rows are at the front, and only there. */
function cameInFront(before: readonly Row[], after: readonly Row[]): boolean {
  return (
    after.length > before.length &&
    after[0]?.key !== before[0]?.key &&
    after.at(-1)?.key === before.at(-1)?.key
  );
}

/** Opens at the row that was asked for, as far back as it is; says whether that is settled. */
function reach(
  handle: VirtualizerHandle | null,
  rows: readonly Row[],
  window: Window,
  target: Seq,
  following: Cell<boolean>,
): boolean {
  if (!handle) return false;
  const index = rows.findIndex(({ seq }) => seq === target);
  if (index < 0) {
    const further = (rows[0]?.seq ?? Infinity) > target;
    return window.complete || window.loading === "failed" || !further;
  }
  following.set(false);
  handle.scrollToIndex(index, { align: "center" });
  return true;
}

/** Opens at the first new row when what is new does not fit the view; says whether that is settled. */
function place(
  handle: VirtualizerHandle | null,
  rows: readonly Row[],
  window: Window,
  freshFrom: Seq | null,
  following: Cell<boolean>,
): boolean {
  if (!handle) return false;
  const index = rows.findIndex(({ fresh }) => fresh);
  if (index < 0) {
    // Further back, perhaps: look for it, but not forever and not against who scrolls.
    const missing = freshFrom !== null && (rows[0]?.seq ?? 0) > freshFrom;
    const looking = missing && rows.length < LOOK_ROWS && following.snapshot();
    return window.complete || window.loading === "failed" || !(looking || rows.length <= 1);
  }
  if (rows.length - index < FITS_ROWS) return true;
  following.set(false);
  handle.scrollToIndex(index, { align: "start", offset: -TOP_ROOM });
  return true;
}

/** The number of the last entry that is wholly in view. */
function lastSeen(handle: VirtualizerHandle, rows: readonly Row[]): number {
  const bottom = handle.scrollOffset + handle.viewportSize;
  let index = Math.min(handle.findItemIndex(bottom), rows.length - 1);
  while (index >= 0) {
    const seq = rows[index]?.seq;
    const ends = handle.getItemOffset(index) + handle.getItemSize(index);
    if (seq != null && ends <= bottom + 8) return seq;
    index -= 1;
  }
  return 0;
}

const END_WITHIN = 40;
const LOAD_AT = 900;
/** So many rows at least fit below the first new one, on any screen. */
const FITS_ROWS = 6;
const LOOK_ROWS = 300;
const TOP_ROOM = 56;
