import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";

import { useWords } from "@/lib/i18n";

/** A panel over the stage, beside the bar or from below on a phone. Escape closes it. */
export function Panel({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const words = useWords();
  const id = useId();
  const ref = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  }, [onClose]);
  useEffect(() => {
    const before = document.activeElement;
    const panel = ref.current;
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close.current();
    };
    panel?.focus();
    panel?.addEventListener("keydown", press);
    return () => {
      panel?.removeEventListener("keydown", press);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <div
      ref={ref}
      role="dialog"
      tabIndex={-1}
      aria-labelledby={id}
      className="absolute inset-x-0 bottom-0 z-30 flex max-h-[85%] animate-rise flex-col rounded-t-2xl border bg-popover pb-[env(safe-area-inset-bottom)] text-popover-foreground shadow-lift outline-none sm:inset-x-auto sm:right-4 sm:bottom-24 sm:max-h-[calc(100%-10rem)] sm:w-88 sm:rounded-2xl sm:pb-0"
    >
      <header className="flex items-center justify-between pt-3 pr-3 pl-5">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        <button
          type="button"
          aria-label={words.common.close}
          onClick={onClose}
          className="inline-flex size-9 items-center justify-center rounded-md text-muted-foreground hover:bg-muted hover:text-foreground"
        >
          <X aria-hidden className="size-4.5" />
        </button>
      </header>
      <div className="min-h-0 overflow-y-auto overscroll-contain px-5 pt-1 pb-5">{children}</div>
    </div>
  );
}
