// Whether somebody is looking at this page: it is visible and has the focus.

import { Listeners, type Readable } from "@/lib/readable";

function subscribe(listener: () => void): () => void {
  const remove = heard.add(listener);
  if (count++ === 0) for (const type of EVENTS) addEventListener(type, tell, true);
  return () => {
    remove();
    if (--count === 0) for (const type of EVENTS) removeEventListener(type, tell, true);
  };
}

/** Is somebody looking? */
export const attention: Readable<boolean> = {
  subscribe,
  snapshot: () => document.visibilityState === "visible" && document.hasFocus(),
};

const heard = new Listeners();
const tell = () => heard.call();
const EVENTS = ["focus", "blur", "visibilitychange", "pageshow"] as const;
let count = 0;
