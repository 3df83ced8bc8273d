import { cn } from "@/lib/cn";

/** The sign of the product: a voice inside a box. Decorative. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 64 64" aria-hidden className={cn("size-8 shrink-0", className)}>
      <rect width="64" height="64" rx="18" className="fill-primary" />
      <path
        d="M17 23a7 7 0 0 1 7-7h16a7 7 0 0 1 7 7v12a7 7 0 0 1-7 7h-7l-9 8v-8a7 7 0 0 1-7-7z"
        className="fill-primary-foreground"
      />
      <g className="fill-none stroke-primary" strokeWidth="3.2" strokeLinecap="round">
        <path d="M26 27v4" />
        <path d="M32 24v10" />
        <path d="M38 26.5v5" />
      </g>
    </svg>
  );
}
