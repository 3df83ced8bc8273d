import { type PointerEvent, useRef, useState, type WheelEvent } from "react";

interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * How a picture is looked at: zoomed by wheel, pinch, double click and verbs,
 * moved by dragging; a swipe while it is whole goes to its neighbour. Begins
 * anew with another `key`.
 */
export function useZoom(key: string, swipe: (step: number) => void) {
  const [held, setHeld] = useState({ key, view: WHOLE });
  const view = held.key === key ? held.view : WHOLE;
  const setView = (next: View | ((view: View) => View)) =>
    setHeld((held) => {
      const before = held.key === key ? held.view : WHOLE;
      return { key, view: typeof next === "function" ? next(before) : next };
    });
  const pointers = useRef(new Map<number, Point>());
  const begun = useRef<Point | null>(null);

  const by = (factor: number, around: Point = { x: 0, y: 0 }) =>
    setView((view) => {
      const scale = Math.min(MOST, Math.max(1, view.scale * factor));
      if (scale === 1) return WHOLE;
      // What is under the fingers stays there.
      const grown = scale / view.scale;
      return { scale, x: around.x - (around.x - view.x) * grown, y: around.y - (around.y - view.y) * grown };
    });
  const pan = (x: number, y: number) =>
    setView((view) => (view.scale === 1 ? view : { ...view, x: view.x + x, y: view.y + y }));

  const onPointerDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    begun.current = pointers.current.size === 1 ? { x: event.clientX, y: event.clientY } : null;
  };
  const onPointerMove = (event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    if (!other) {
      pan(now.x - before.x, now.y - before.y);
      return;
    }
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    by(distance(now, other) / Math.max(1, distance(before, other)), fromCentre(event, middle));
  };
  const onPointerUp = (event: PointerEvent) => {
    const from = begun.current;
    pointers.current.delete(event.pointerId);
    begun.current = null;
    if (!from || view.scale > 1) return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) swipe(x < 0 ? 1 : -1);
  };
  const onPointerCancel = (event: PointerEvent) => {
    pointers.current.delete(event.pointerId);
    begun.current = null;
  };
  const onWheel = (event: WheelEvent) =>
    by(Math.exp(-event.deltaY / 400), fromCentre(event, { x: event.clientX, y: event.clientY }));
  const onDoubleClick = (event: { clientX: number; clientY: number; currentTarget: Element }) => {
    if (view.scale > 1) setView(WHOLE);
    else by(2.5, fromCentre(event, { x: event.clientX, y: event.clientY }));
  };

  return {
    scale: view.scale,
    transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
    by: (factor: number) => by(factor),
    pan,
    reset: () => setView(WHOLE),
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel, onWheel, onDoubleClick },
  };
}

function fromCentre({ currentTarget }: { currentTarget: Element }, point: Point): Point {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  return { x: point.x - left - width / 2, y: point.y - top - height / 2 };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

const WHOLE: View = { scale: 1, x: 0, y: 0 };
const MOST = 12;
const SWIPE = 60;
