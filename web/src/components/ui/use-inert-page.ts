import { useEffect, useState } from "react";

let open = 0;

/**
 * While a dialog is open the page behind it takes neither clicks nor focus and
 * does not scroll. The dialogs' own lock would inject a style element, which the
 * security policy refuses; `inert` does the same without one. What lives outside
 * the page's root (a ringing call, toasts, menus) stays usable. Afterwards the
 * focus is where it was.
 */
export function useInertPage(): void {
  // Seen while rendering: soon after, the dialog has the focus.
  const [opener] = useState(() => openerOf(document.activeElement));
  useEffect(() => {
    const page = document.getElementById("root");
    if (!page) return undefined;
    open += 1;
    page.inert = true;
    return () => {
      open -= 1;
      page.inert = open > 0;
      // Unless something else has taken the focus meanwhile.
      const { activeElement } = document;
      if (!activeElement?.isConnected || activeElement === document.body) opener?.focus();
    };
  }, [opener]);
}

/** What to return to: for an item of a menu, which goes at once, the menu's button. */
function openerOf(element: Element | null): HTMLElement | null {
  const menu = element?.closest("[role=menu]");
  const button = menu && document.getElementById(menu.getAttribute("aria-labelledby") ?? "");
  return button ?? (element instanceof HTMLElement ? element : null);
}
