import { memo } from "react";

import { cn } from "@/lib/cn";

import { isEmojiOnly, linkParts } from "./links";

/** What somebody wrote: text with links, and nothing else. Its direction is its own. */
export const MessageText = memo(function MessageText({ text, muted }: { text: string; muted: boolean }) {
  return (
    <div
      className={cn(
        "min-w-0 max-w-[72ch] wrap-anywhere whitespace-pre-wrap [unicode-bidi:plaintext] @max-xl:inline",
        isEmojiOnly(text) && "text-[1.875rem] leading-tight",
        muted && "text-muted-foreground",
      )}
    >
      {linkParts(text).map((part, i) =>
        part.href === undefined ? (
          part.text
        ) : (
          <a
            key={i}
            href={part.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="rounded-sm text-primary underline decoration-primary/40 underline-offset-3 hover:decoration-primary"
          >
            {part.text}
          </a>
        ),
      )}
    </div>
  );
});
