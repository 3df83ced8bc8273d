import { useEffect, useId, useState } from "react";

import { Button } from "@/components/ui/button";
import { useWords } from "@/lib/i18n";
import type { Calls } from "@/media";
import type { Call, ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

import { Card } from "./card";
import { usePerson } from "./person";

/** Offers to take up the call that this device was in before the page was reloaded. */
export function RejoinCard({
  calls,
  call,
  open,
}: {
  calls: Calls;
  call: Call;
  open: (conversation: ConversationId) => void;
}) {
  const words = useWords();
  const own = useSession().account;
  const other = usePerson(call.caller === own ? call.callee : call.caller);
  const title = useId();
  const [settled, setSettled] = useState(false);
  // Another tab whose connection has just dropped takes its call up by itself.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!settled) return null;
  const rejoin = () => {
    calls.rejoin(call.id, { camera: call.media === "video" });
    open(call.conversation);
  };
  return (
    <Card role="alertdialog" aria-labelledby={title}>
      <h2 id={title} className="font-semibold wrap-anywhere">
        {words.call.rejoin.title(other.name)}
      </h2>
      <p className="mt-0.5 text-muted-foreground">{words.call.rejoin.text}</p>
      <div className="mt-4 flex flex-row-reverse gap-2">
        <Button onClick={rejoin}>
          {words.call.rejoin.rejoin}
        </Button>
        <Button variant="quiet" onClick={() => calls.leave(call.id)}>
          {words.call.rejoin.leave}
        </Button>
      </div>
    </Card>
  );
}

const SETTLE_MS = 1_000;
