import { SendHorizontal } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef } from "react";

import { Button } from "@/components/ui/button";
import { useWords } from "@/lib/i18n";
import type { ConversationId } from "@/protocol/wire";
import { fits, useSession } from "@/session";

import { useDraft } from "./use-draft";

/** Where a message is written. Mount it anew for another conversation. */
export function Composer({
  conversation,
  placeholder,
  attach,
  onSent,
}: {
  conversation: ConversationId;
  placeholder: string;
  /** Beside the text: what adds something to send. */
  attach?: ReactNode;
  onSent: () => void;
}) {
  const { chat } = useWords();
  const session = useSession();
  const problem = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useDraft(conversation);
  const tooLong = !fits(text);
  const empty = text.trim() === "";

  useEffect(() => {
    // On a phone the keyboard would cover what one came to read.
    if (matchMedia("(hover: hover) and (pointer: fine)").matches) field.current?.focus({ preventScroll: true });
  }, []);

  useLayoutEffect(() => {
    const element = field.current;
    if (element?.value === text) grow(element);
  }, [text]);

  const send = () => {
    if (empty || tooLong) return;
    session.send(conversation, text.trim());
    setText("");
    onSent();
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also ends the composition of a word in many languages; 229 is how Safari says so.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      className="mx-auto w-full max-w-[52rem] px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] @xl:px-4"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="flex items-end gap-1 rounded-xl border border-input bg-card py-1 pr-1 pl-1 transition-colors not-has-[button[type=button]]:pl-4 focus-within:border-ring">
        {attach}
        <textarea
          ref={field}
          rows={1}
          value={text}
          dir="auto"
          aria-label={chat.message}
          aria-invalid={tooLong}
          aria-describedby={tooLong ? problem : undefined}
          placeholder={placeholder}
          autoComplete="off"
          enterKeyHint="send"
          // Smaller than 16 px makes Safari on phones zoom in.
          className="min-w-0 flex-1 resize-none bg-transparent py-2 text-base outline-none placeholder:truncate placeholder:text-muted-foreground max-md:text-[1rem]"
          onChange={(event) => {
            setText(event.target.value);
            if (event.target.value.trim() !== "") session.typing(conversation);
          }}
          onKeyDown={onKeyDown}
        />
        <Button type="submit" size="icon" aria-label={chat.send} disabled={empty || tooLong} className="rounded-lg disabled:bg-transparent disabled:text-muted-foreground">
          <SendHorizontal aria-hidden />
        </Button>
      </div>
      {tooLong && (
        <p id={problem} role="alert" className="px-1 pt-1 text-sm text-destructive">
          {chat.tooLong}
        </p>
      )}
    </form>
  );
}

/** As high as its text, up to eight lines; then it scrolls. */
function grow(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(field);
  const most = 8 * parseFloat(lineHeight) + parseFloat(paddingTop) + parseFloat(paddingBottom);
  field.style.height = `${Math.min(field.scrollHeight, most)}px`;
  field.style.overflowY = field.scrollHeight > most + 1 ? "auto" : "hidden";
}
