import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

export interface EmptyStateProps {
  icon?: LucideIcon;
  title: ReactNode;
  text?: ReactNode;
  /** The one next step. */
  action?: ReactNode;
  className?: string;
}

/** Says what a place is for and offers the one next step. */
export function EmptyState({ icon: Icon, title, text, action, className }: EmptyStateProps) {
  return (
    <div
      className={cn("flex flex-col items-center justify-center px-6 py-10 text-center", className)}
    >
      {Icon && (
        <Icon aria-hidden strokeWidth={1.4} className="mb-4 size-10 text-muted-foreground/70" />
      )}
      <p className="text-lg font-semibold text-balance">{title}</p>
      {text && <p className="mt-1 max-w-96 text-balance text-muted-foreground">{text}</p>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  );
}
