// What the sections of the owner's page have in common.

import { Search } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";

import { FormError } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import { useOwnerWords } from "@/lib/words/owner";

import type { Paged } from "./use-pages";

/** A field to search in, and what is searched for once nothing was typed for a moment. */
export function useSearch(): { text: string; settled: string; setText(text: string): void } {
  const [text, setText] = useState("");
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text.trim()), 200);
    return () => clearTimeout(timer);
  }, [text]);
  return { text, settled, setText };
}

export function SearchField({ label, text, onText }: { label: string; text: string; onText(text: string): void }) {
  return (
    <div className="relative min-w-0 flex-1 basis-56">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-3.5 size-4 -translate-y-1/2 text-muted-foreground"
      />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => onText(event.target.value)}
        className="pl-10"
      />
    </div>
  );
}

/** A list that comes in pages: while it comes, when it failed, when it is empty, and its next page. */
export function PagedList<A, T>({
  paged,
  empty,
  children,
}: {
  paged: Paged<A, T>;
  empty: ReactNode;
  children(items: readonly T[]): ReactNode;
}) {
  const words = useOwnerWords();
  const { items, error, more, showMore } = paged;
  return (
    <>
      <FormError>{error}</FormError>
      {!items && error === undefined && <Skeleton className="mt-4 h-16" />}
      {items && (items.length === 0 ? empty : children(items))}
      {more && (
        <div className="mt-4 flex justify-center">
          <Button variant="secondary" onClick={showMore}>
            {words.more}
          </Button>
        </div>
      )}
    </>
  );
}
