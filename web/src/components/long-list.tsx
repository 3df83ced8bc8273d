import { type ReactNode, useContext, useLayoutEffect, useRef, useState } from "react";
import { Virtualizer } from "virtua";

import { cn } from "@/lib/cn";

import { ScrollerContext } from "./scroller";

export interface LongListProps<T> {
  items: readonly T[];
  keyOf(item: T): string;
  className?: string;
  children(item: T): ReactNode;
}

/** A list in a page. Short ones are there as a whole; of long ones only what is in sight. */
export function LongList<T>({ items, keyOf, className, children }: LongListProps<T>) {
  const place = useRef<HTMLDivElement>(null);
  const scroller = useContext(ScrollerContext);
  const [above, setAbove] = useState(0);
  const long = scroller !== undefined && items.length > WHOLE;

  useLayoutEffect(() => {
    const [list, around] = [place.current, scroller?.current];
    if (!long || !list || !around) return;
    const distance = list.getBoundingClientRect().top - around.getBoundingClientRect().top;
    setAbove(distance + around.scrollTop);
  }, [long, scroller]);

  const rows = items.map((item) =>
    long ? (
      <div key={keyOf(item)}>{children(item)}</div>
    ) : (
      <li key={keyOf(item)}>{children(item)}</li>
    ),
  );
  return (
    <div ref={place} className={className}>
      {long ? (
        <Virtualizer as="ul" item="li" scrollRef={scroller} startMargin={above}>
          {rows}
        </Virtualizer>
      ) : (
        <ul className={cn(items.length === 0 && "hidden")}>{rows}</ul>
      )}
    </div>
  );
}

const WHOLE = 100;
