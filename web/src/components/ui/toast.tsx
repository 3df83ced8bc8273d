import { X } from "lucide-react";
import { Toast as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { createPortal } from "react-dom";

import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { dismissToast, toasts } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";

import { Button } from "./button";

/** Where toasts appear; mounted once. Outside the page's root, which a dialog makes inert. */
export function Toaster() {
  const words = useWords();
  const shown = useReadable(toasts);
  return createPortal(
    <Primitive.Provider swipeDirection="right" label={words.common.notifications}>
      {shown.map(({ id, text, tone, action }) => (
        <Primitive.Root
          key={id}
          type={tone === "error" ? "foreground" : "background"}
          duration={tone === "error" ? 9000 : 5000}
          onOpenChange={(open) => {
            if (!open) dismissToast(id);
          }}
          className="pointer-events-auto flex animate-rise items-center gap-3 rounded-xl border bg-popover py-2.5 pr-2.5 pl-4 text-popover-foreground shadow-lift data-[swipe=move]:translate-x-(--radix-toast-swipe-move-x)"
        >
          <Line tone={tone}>{text}</Line>
          {action && (
            <Primitive.Action asChild altText={action.label}>
              <Button variant="secondary" size="sm" onClick={action.run}>
                {action.label}
              </Button>
            </Primitive.Action>
          )}
          <Primitive.Close asChild>
            <Button variant="ghost" size="icon-sm" aria-label={words.common.close}>
              <X aria-hidden />
            </Button>
          </Primitive.Close>
        </Primitive.Root>
      ))}
      <Primitive.Viewport className="pointer-events-none fixed right-0 bottom-0 z-60 flex w-full flex-col gap-2 p-4 pb-[max(1rem,env(safe-area-inset-bottom))] outline-none sm:w-104" />
    </Primitive.Provider>,
    document.body,
  );
}

function Line({ tone, children }: { tone: "plain" | "error"; children: ReactNode }) {
  return (
    <Primitive.Description className={cn("min-w-0 flex-1", tone === "error" && "text-destructive")}>
      {children}
    </Primitive.Description>
  );
}
