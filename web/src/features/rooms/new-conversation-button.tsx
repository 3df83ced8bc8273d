import { SquarePen } from "lucide-react";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { useWords } from "@/lib/i18n";

import { NewConversation } from "./new-conversation";

/** The way to a new conversation, beside the list of those there are. */
export function NewConversationButton() {
  const { rooms } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="ghost"
        size="icon"
        aria-label={rooms.newConversation}
        title={rooms.newConversation}
        onClick={() => setOpen(true)}
      >
        <SquarePen aria-hidden />
      </Button>
      <NewConversation open={open} onOpenChange={setOpen} />
    </>
  );
}
