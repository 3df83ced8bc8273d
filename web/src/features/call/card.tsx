import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** A card about a call that asks for something and lets the page be. */
export function Card({ className, ...props }: ComponentProps<"div">) {
  return (
    <div
      className={cn(
        "fixed z-70 animate-rise rounded-2xl border bg-popover p-5 text-popover-foreground shadow-lift",
        "inset-x-3 top-[max(0.75rem,env(safe-area-inset-top))] sm:inset-x-auto sm:top-5 sm:right-5 sm:w-96",
        className,
      )}
      {...props}
    />
  );
}
