import { Popover as Primitive } from "radix-ui";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

export const Popover = Primitive.Root;
export const PopoverTrigger = Primitive.Trigger;
export const PopoverAnchor = Primitive.Anchor;
export const PopoverClose = Primitive.Close;

/** Floats go at once: one that is still fading away would swallow the next click on its button. */
export const floatClasses =
  "z-50 rounded-xl border bg-popover text-popover-foreground shadow-lift data-[state=open]:animate-appear";

export function PopoverContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content
        sideOffset={6}
        collisionPadding={8}
        className={cn(floatClasses, "w-80 max-w-[calc(100vw-1rem)] p-4", className)}
        {...props}
      />
    </Primitive.Portal>
  );
}
