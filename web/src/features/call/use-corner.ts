// Things that rest in one of the four corners of their parent and can be
// dragged, or sent with the arrow keys, to another.

import { type KeyboardEvent, type PointerEvent, useCallback, useRef, useState } from "react";

/** Where it rests. */
export interface Corner {
  readonly top: boolean;
  readonly left: boolean;
}

/** How to make something rest in a corner. */
export interface InCorner {
  readonly corner: Corner;
  readonly dragging: boolean;
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  readonly handlers: {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
  };
}

/** Keeps something in a corner. `onTap` is called when it was touched but not moved. */
export function useCorner(initial: Corner, onTap?: () => void): InCorner {
  const [corner, setCorner] = useState(initial);
  const [dragging, setDragging] = useState(false);
  const start = useRef<{ x: number; y: number; moved: boolean } | null>(null);

  const onPointerDown = useCallback((event: PointerEvent<HTMLElement>) => {
    const control = event.target instanceof Element ? event.target.closest("button") : null;
    if (event.button !== 0 || (control && control !== event.currentTarget)) return;
    start.current = { x: event.clientX, y: event.clientY, moved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
  }, []);

  const onPointerMove = useCallback((event: PointerEvent<HTMLElement>) => {
    const from = start.current;
    if (!from) return;
    const x = event.clientX - from.x;
    const y = event.clientY - from.y;
    if (!from.moved && Math.hypot(x, y) < SLOP) return;
    if (!from.moved) setDragging(true);
    from.moved = true;
    event.currentTarget.style.transform = `translate(${x}px, ${y}px)`;
  }, []);

  const onPointerUp = useCallback(
    (event: PointerEvent<HTMLElement>) => {
      const from = start.current;
      start.current = null;
      if (!from) return;
      setDragging(false);
      const element = event.currentTarget;
      if (!from.moved) return onTap?.();
      const box = element.getBoundingClientRect();
      const parent = parentBox(element);
      element.style.transform = "";
      setCorner({
        top: box.top + box.height / 2 < parent.top + parent.height / 2,
        left: box.left + box.width / 2 < parent.left + parent.width / 2,
      });
    },
    [onTap],
  );

  const onPointerCancel = useCallback((event: PointerEvent<HTMLElement>) => {
    start.current = null;
    setDragging(false);
    event.currentTarget.style.transform = "";
  }, []);

  const onKeyDown = useCallback((event: KeyboardEvent<HTMLElement>) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    setCorner((corner) => ({ ...corner, ...move }));
  }, []);

  return {
    corner,
    dragging,
    onKeyDown,
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel },
  };
}

function parentBox(element: HTMLElement): { top: number; left: number; width: number; height: number } {
  if (getComputedStyle(element).position === "fixed" || !element.offsetParent) {
    return { top: 0, left: 0, width: innerWidth, height: innerHeight };
  }
  return element.offsetParent.getBoundingClientRect();
}

const SLOP = 6;
const MOVES: Readonly<Record<string, Partial<Corner>>> = {
  ArrowUp: { top: true },
  ArrowDown: { top: false },
  ArrowLeft: { left: true },
  ArrowRight: { left: false },
};
