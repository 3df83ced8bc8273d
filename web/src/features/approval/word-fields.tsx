import { useId, useRef, useState } from "react";

import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { completed, completions, WORDS } from "@/lib/approval-words";
import { useSecurityWords } from "@/lib/words/security";

/** Six fields, one for each word; the first letters are enough. */
export function WordFields({
  words,
  tried,
  onChange,
}: {
  words: readonly string[];
  /** Whether missing words are complained of. */
  tried: boolean;
  onChange(words: readonly string[]): void;
}) {
  const { add } = useSecurityWords().approval;
  const id = useId();
  const group = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const [writing, setWriting] = useState(false);
  const fits = completions(words[at] ?? "");
  const suggested = fits.length > 1 || fits[0] !== words[at] ? fits.slice(0, SHOWN) : [];

  const focus = (place: number) => {
    group.current?.querySelectorAll("input")[Math.min(place, WORDS - 1)]?.focus();
  };
  /** What was typed or pasted at a place: several words go to the places that follow. */
  const take = (place: number, typed: string) => {
    const parts = typed.normalize("NFKD").toLowerCase().split(/[\s,.\d]+/);
    const given = parts.filter((part, i) => part !== "" || i === 0);
    const next = [...words];
    given.slice(0, WORDS - place).forEach((part, i) => {
      next[place + i] = i < parts.length - 1 ? completed(part) : part;
    });
    onChange(next);
    if (parts.length > 1 && (parts[0] !== "" || given.length > 1)) {
      focus(place + given.length - (parts.at(-1) === "" ? 0 : 1));
    }
  };
  const settle = (place: number) => {
    setWriting(false);
    const word = completed(words[place] ?? "");
    if (word !== words[place]) onChange(words.with(place, word));
  };
  const complain = (word: string, place: number) => {
    if (word === "") return tried ? add.missing : undefined;
    const unfinished = writing && place === at && completions(word).length > 0;
    return unfinished || completions(word).includes(word) ? undefined : add.noWord(word);
  };

  return (
    <div ref={group} className="flex flex-col gap-3">
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        {words.map((word, place) => (
          <Field
            key={place}
            id={`${id}-${place}`}
            label={add.word(place + 1)}
            value={word}
            lang="en"
            translate="no"
            autoComplete="off"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            enterKeyHint={place + 1 < WORDS ? "next" : "done"}
            onFocus={() => {
              setAt(place);
              setWriting(true);
            }}
            onBlur={() => settle(place)}
            onChange={(event) => take(place, event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || place + 1 === WORDS) return;
              event.preventDefault();
              focus(place + 1);
            }}
            error={complain(word, place)}
          />
        ))}
      </div>
      <div role="group" aria-label={add.suggestions} className="flex min-h-10 flex-wrap gap-2" lang="en" translate="no">
        {suggested.map((word) => (
          <Button
            key={word}
            variant="secondary"
            size="sm"
            // The field keeps the keyboard of a phone open.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => {
              onChange(words.with(at, word));
              focus(at + 1);
            }}
          >
            {word}
          </Button>
        ))}
      </div>
    </div>
  );
}

const SHOWN = 6;
