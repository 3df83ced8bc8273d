import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

/** Stands where something will be in a moment. */
export function Skeleton({ className, ...props }: ComponentProps<"div">) {
  return (
    <div aria-hidden className={cn("animate-breathe rounded-md bg-muted", className)} {...props} />
  );
}
