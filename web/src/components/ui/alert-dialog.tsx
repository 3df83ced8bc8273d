import { Dialog as Primitive } from "radix-ui";
import { type ReactNode, useRef } from "react";

import { useWords } from "@/lib/i18n";

import { Button } from "./button";
import { DialogActions } from "./dialog";
import { useInertPage } from "./use-inert-page";

export interface ConfirmProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: ReactNode;
  text: ReactNode;
  /** The verb on the button that does it. */
  action: ReactNode;
  destructive?: boolean;
  onConfirm(): void;
}

/** Asks before something that cannot be undone. The safe answer has the focus. */
export function Confirm({ open, onOpenChange, ...props }: ConfirmProps) {
  return (
    <Primitive.Root modal={false} open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Question {...props} />
      </Primitive.Portal>
    </Primitive.Root>
  );
}

function Question({
  title,
  text,
  action,
  destructive = false,
  onConfirm,
}: Omit<ConfirmProps, "open" | "onOpenChange">) {
  const words = useWords();
  const cancel = useRef<HTMLButtonElement>(null);
  useInertPage();
  return (
    <>
      <div aria-hidden className="fixed inset-0 z-50 animate-appear bg-scrim" />
      <Primitive.Content
        role="alertdialog"
        aria-modal
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          cancel.current?.focus();
        }}
        onPointerDownOutside={(event) => event.preventDefault()}
        onFocusOutside={(event) => event.preventDefault()}
        className="fixed top-1/2 left-1/2 z-50 w-104 max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-2xl bg-popover p-6 text-popover-foreground shadow-lift outline-none data-[state=closed]:animate-vanish data-[state=open]:animate-appear"
      >
        <Primitive.Title className="text-lg font-semibold">{title}</Primitive.Title>
        <Primitive.Description className="mt-1 text-muted-foreground">{text}</Primitive.Description>
        <DialogActions>
          <Primitive.Close asChild>
            <Button variant={destructive ? "destructive" : "primary"} onClick={onConfirm}>
              {action}
            </Button>
          </Primitive.Close>
          <Primitive.Close asChild>
            <Button ref={cancel} variant="secondary">
              {words.common.cancel}
            </Button>
          </Primitive.Close>
        </DialogActions>
      </Primitive.Content>
    </>
  );
}
