// The place in a conversation that its call fills on wide screens. The call
// itself lives above the page and is laid over this place, so that pictures
// go on while one walks from conversation to conversation.

import { useEffect, useRef, useState } from "react";

import { cn } from "@/lib/cn";
import { Cell } from "@/lib/readable";
import { useReadable } from "@/lib/use-readable";
import type { ConversationId } from "@/protocol/wire";

interface Place {
  readonly conversation: ConversationId;
  readonly element: HTMLElement;
}

/** Where on the screen something is. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

const place = new Cell<Place | null>(null);
/** The conversation whose call wants a place; none while there is no call or it is small. */
const wanted = new Cell<ConversationId | null>(null);

/** Says which conversation's call wants a place. */
export function wantPlace(conversation: ConversationId | null): void {
  wanted.set(conversation);
}

/** Room for the call of a conversation, beside or above its messages; nothing while there is none. */
export function CallDock({ conversation, className }: { conversation: ConversationId; className?: string }) {
  const ref = useRef<HTMLDivElement>(null);
  const shown = useReadable(wanted) === conversation;
  useEffect(() => {
    const element = ref.current;
    if (!shown || !element) return undefined;
    const own: Place = { conversation, element };
    place.set(own);
    return () => {
      if (place.snapshot() === own) place.set(null);
    };
  }, [conversation, shown]);
  if (!shown) return null;
  return <div ref={ref} data-dock="" className={cn("min-h-0 min-w-0 bg-stage", className)} />;
}

/** Where the place for a conversation's call is now; null when it is not on the screen. */
export function usePlace(conversation: ConversationId): Box | null {
  const current = useReadable(place);
  const element = current?.conversation === conversation ? current.element : null;
  const [seen, setSeen] = useState<{ element: HTMLElement; box: Box } | null>(null);
  useEffect(() => {
    if (!element) return undefined;
    const look = () => {
      const { top, left, width, height } = element.getBoundingClientRect();
      setSeen(width > 0 && height > 0 ? { element, box: { top, left, width, height } } : null);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    observer.observe(document.documentElement);
    return () => observer.disconnect();
  }, [element]);
  return seen && seen.element === element ? seen.box : null;
}
