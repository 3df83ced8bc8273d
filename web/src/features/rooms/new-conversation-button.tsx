import { SquarePen } from "lucide-react";
import { lazy, Suspense, useState } from "react";

import { Button } from "@/components/ui/button";
import { useWords } from "@/lib/i18n";

const NewConversation = lazy(() => import("./new-conversation").then((made) => ({ default: made.NewConversation })));

/** The way to a new conversation, beside the list of those there are. */
export function NewConversationButton() {
  const { rooms } = useWords();
  const [open, setOpen] = useState(false);
  /** Stays when it closes, so that it can be seen closing. */
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Button
        variant="ghost"
        size="icon"
        aria-label={rooms.newConversation}
        title={rooms.newConversation}
        onClick={() => {
          setAsked(true);
          setOpen(true);
        }}
      >
        <SquarePen aria-hidden />
      </Button>
      <Suspense>{asked && <NewConversation open={open} onOpenChange={setOpen} />}</Suspense>
    </>
  );
}
