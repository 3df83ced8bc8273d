import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useWords } from "@/lib/i18n";

/** A text to take along: shown, selectable, and copied with one button. */
export function CopyField({ value, label }: { value: string; label: string }) {
  const words = useWords();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2500);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      // Refused: the text is selected, so that it can be copied by hand.
    }
  };

  return (
    <div className="flex gap-2">
      <Input
        ref={field}
        readOnly
        value={value}
        aria-label={label}
        dir="ltr"
        onFocus={(event) => event.target.select()}
      />
      <Button variant="secondary" className="h-11 min-w-28" onClick={() => void copy()}>
        {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
        <span aria-live="polite">{copied ? words.common.copied : words.common.copy}</span>
      </Button>
    </div>
  );
}
