import { useEffect } from "react";

let open = 0;

/**
 * While a dialog is open the page behind it takes neither clicks nor focus and
 * does not scroll. The dialogs' own lock would inject a style element, which the
 * security policy refuses; `inert` does the same without one. What lives outside
 * the page's root (a ringing call, toasts, menus) stays usable.
 */
export function useInertPage(active: boolean): void {
  useEffect(() => {
    const page = document.getElementById("root");
    if (!active || !page) return undefined;
    open += 1;
    page.inert = true;
    return () => {
      open -= 1;
      page.inert = open > 0;
    };
  }, [active]);
}
