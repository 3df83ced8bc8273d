import { wordsOf } from "@/lib/approval-words";
import { cn } from "@/lib/cn";
import type { Blob } from "@/protocol/wire";

/** The words of a device, numbered, large enough to read from a step away. */
export function SixWords({ tag, label, className }: { tag: Blob; label: string; className?: string }) {
  return (
    <ol
      aria-label={label}
      data-testid="approval-words"
      lang="en"
      translate="no"
      className={cn("grid grid-cols-2 gap-x-6 gap-y-2 sm:grid-cols-3", className)}
    >
      {wordsOf(tag).map((word, i) => (
        <li key={i} className="flex items-baseline gap-2">
          <span aria-hidden className="w-3 text-right text-sm text-muted-foreground tabular-nums">
            {i + 1}
          </span>
          <span className="text-lg font-semibold select-all">{word}</span>
        </li>
      ))}
    </ol>
  );
}
