import { MessageSquare, Phone, PhoneOff, Video } from "lucide-react";
import { useId } from "react";

import { GuestBadge } from "@/components/guest-badge";
import { PersonAvatar } from "@/components/person-avatar";
import { Button } from "@/components/ui/button";
import { useWords } from "@/lib/i18n";
import type { Calls } from "@/media";
import type { Call, ConversationId } from "@/protocol/wire";

import { Card } from "./card";
import { useGuest, usePerson } from "./person";
import { useRingingTitle } from "./use-call-effects";

/** A call that rings. It takes no focus: somebody may be writing. */
export function IncomingCard({
  calls,
  call,
  open,
}: {
  calls: Calls;
  call: Call;
  open: (conversation: ConversationId) => void;
}) {
  const words = useWords();
  const caller = usePerson(call.caller);
  const guest = useGuest(call.caller, call.conversation);
  const title = useId();
  const text = useId();
  const video = call.media === "video";
  useRingingTitle(words.call.titleRing(caller.name));
  const accept = (camera: boolean) => {
    calls.accept(call.id, { camera });
    open(call.conversation);
  };
  const message = () => {
    calls.decline(call.id);
    open(call.conversation);
  };
  return (
    <>
      <p role="alert" className="sr-only">
        {words.call.calling(caller.name)}
      </p>
      <Card role="alertdialog" aria-labelledby={title} aria-describedby={text}>
      <div className="flex items-center gap-4">
        <span className="relative">
          <span aria-hidden className="absolute -inset-1.5 animate-breathe rounded-full border-2 border-primary" />
          <PersonAvatar account={caller} size="lg" />
        </span>
        <div className="min-w-0 flex-1">
          <h2 id={title} className="text-sm text-muted-foreground">
            {words.call.incoming[call.media]}
          </h2>
          <p id={text} className="line-clamp-2 text-lg font-semibold wrap-anywhere">
            {caller.name}
          </p>
          {guest && <GuestBadge className="mt-1" />}
        </div>
      </div>
      <div className="mt-5 grid grid-cols-2 gap-2">
        <Button variant="secondary" size="lg" onClick={() => calls.decline(call.id)}>
          <PhoneOff aria-hidden />
          {words.call.decline}
        </Button>
        <Button size="lg" onClick={() => accept(video)}>
          {video ? <Video aria-hidden /> : <Phone aria-hidden />}
          {words.call.accept}
        </Button>
        {video && (
          <Button
            variant="outline"
            className="col-span-2"
            onClick={() => accept(false)}
          >
            <Phone aria-hidden />
            {words.call.acceptWithoutCamera}
          </Button>
        )}
        <Button variant="ghost" className="col-span-2" onClick={message}>
          <MessageSquare aria-hidden />
          {words.call.messageInstead}
        </Button>
      </div>
      </Card>
    </>
  );
}
