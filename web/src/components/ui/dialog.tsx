import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";

import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";

import { Button } from "./button";
import { useInertPage } from "./use-inert-page";

/** Modal in effect (see `useInertPage`), though not in Radix's sense, whose lock the security policy refuses. */
export function Dialog(props: Omit<ComponentProps<typeof Primitive.Root>, "modal">) {
  return <Primitive.Root modal={false} {...props} />;
}

export const DialogTrigger = Primitive.Trigger;
export const DialogClose = Primitive.Close;

export interface DialogContentProps
  extends Omit<ComponentProps<typeof Primitive.Content>, "title"> {
  title: ReactNode;
  /** Under the title; without one the dialog has no description. */
  description?: ReactNode;
  /** From which edge it comes; a centred card without. */
  side?: "right" | "bottom";
}

export function DialogContent({
  className,
  title,
  description,
  side,
  children,
  ...props
}: DialogContentProps) {
  return (
    <Primitive.Portal>
      <Surface
        {...props}
        {...(description ? {} : { "aria-describedby": undefined })}
        className={cn(
          "fixed z-50 flex flex-col bg-popover text-popover-foreground shadow-lift outline-none",
          side === undefined &&
            "inset-x-0 bottom-0 max-h-[92dvh] rounded-t-2xl pb-[env(safe-area-inset-bottom)] data-[state=closed]:animate-vanish data-[state=open]:animate-rise sm:inset-auto sm:top-1/2 sm:left-1/2 sm:max-h-[86dvh] sm:w-[30rem] sm:max-w-[calc(100vw-2rem)] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl sm:pb-0 sm:data-[state=open]:animate-appear",
          side === "right" &&
            "inset-y-0 right-0 w-96 max-w-full border-l data-[state=closed]:animate-slide-out data-[state=open]:animate-slide-in",
          side === "bottom" &&
            "inset-x-0 bottom-0 max-h-[85dvh] rounded-t-2xl pb-[env(safe-area-inset-bottom)] data-[state=closed]:animate-vanish data-[state=open]:animate-rise",
          className,
        )}
      >
        <header className="flex items-start gap-4 px-6 pt-5">
          <div className="min-w-0 flex-1 pt-1">
            <Primitive.Title className="text-lg font-semibold">{title}</Primitive.Title>
            {description && (
              <Primitive.Description className="mt-1 text-muted-foreground">
                {description}
              </Primitive.Description>
            )}
          </div>
          <CloseButton />
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-6 pt-4 pb-6">
          {children}
        </div>
      </Surface>
    </Primitive.Portal>
  );
}

/** The row of buttons that ends a dialog. */
export function DialogActions({ className, ...props }: ComponentProps<"div">) {
  return (
    <div
      className={cn("mt-6 flex flex-row-reverse flex-wrap justify-start gap-2", className)}
      {...props}
    />
  );
}

/** The content with its scrim; mounted only while the dialog is open. */
function Surface({
  onOpenAutoFocus,
  onPointerDownOutside,
  onFocusOutside,
  ...props
}: ComponentProps<typeof Primitive.Content>) {
  useInertPage();
  return (
    <>
      <div data-scrim="" aria-hidden className="fixed inset-0 z-50 animate-appear bg-scrim" />
      <Primitive.Content
        aria-modal
        tabIndex={-1}
        onOpenAutoFocus={(event) => {
          // What wants the focus has it already; otherwise it is the dialog's, not its first button's.
          event.preventDefault();
          if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          onOpenAutoFocus?.(event);
        }}
        onPointerDownOutside={(event) => {
          // Only a click on the scrim closes: not one on a toast or a ringing call.
          if (!isScrim(event.target)) event.preventDefault();
          onPointerDownOutside?.(event);
        }}
        onFocusOutside={(event) => {
          event.preventDefault();
          onFocusOutside?.(event);
        }}
        {...props}
      />
    </>
  );
}

function CloseButton() {
  const words = useWords();
  return (
    <Primitive.Close asChild>
      <Button variant="ghost" size="icon-sm" aria-label={words.common.close} className="-mr-2">
        <X aria-hidden />
      </Button>
    </Primitive.Close>
  );
}

function isScrim(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.dataset.scrim !== undefined;
}
