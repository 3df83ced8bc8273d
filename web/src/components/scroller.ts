import { createContext, type RefObject } from "react";

/** The element in which the page around scrolls. */
export const ScrollerContext = createContext<RefObject<HTMLElement | null> | undefined>(undefined);
