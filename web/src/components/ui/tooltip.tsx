import { Tooltip as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";

import { cn } from "@/lib/cn";

export const TooltipProvider = Primitive.Provider;

/** Says in words what the control inside does; the control keeps its own accessible name. */
export function Tooltip({
  text,
  side,
  children,
}: {
  text: ReactNode;
  side?: "top" | "right" | "bottom" | "left";
  children: ReactNode;
}) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <TooltipContent side={side ?? "top"}>{text}</TooltipContent>
    </Primitive.Root>
  );
}

function TooltipContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content
        sideOffset={6}
        collisionPadding={8}
        className={cn(
          "z-60 max-w-72 animate-appear rounded-md bg-foreground px-2.5 py-1 text-xs text-background select-none",
          className,
        )}
        {...props}
      />
    </Primitive.Portal>
  );
}
