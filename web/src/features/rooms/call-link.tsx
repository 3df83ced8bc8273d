import { useState } from "react";
import { useLocation } from "wouter";

import { Field, FormError } from "@/components/field";
import { Form } from "@/components/form";
import { ShareLink } from "@/components/share-link";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { useLocale, useWords } from "@/lib/i18n";
import { conversationPath, linkAddress } from "@/lib/paths";
import { useTask } from "@/lib/use-task";
import { useGuestWords } from "@/lib/words/guests";
import { type ConversationId, NAME_CHARS } from "@/protocol/wire";
import { useSession } from "@/session";

interface Made {
  readonly room: ConversationId;
  readonly name: string;
  readonly address: string;
}

/** A room for two with a link to it, for a call with somebody who has no account. */
export function CallLink({ open, onOpenChange }: { open: boolean; onOpenChange(open: boolean): void }) {
  const { callLink } = useGuestWords();
  const [made, setMade] = useState<Made>();
  const [, navigate] = useLocation();
  const change = (next: boolean) => {
    onOpenChange(next);
    if (!next) setMade(undefined);
  };
  return (
    <Dialog open={open} onOpenChange={change}>
      <DialogContent title={callLink.dialog} description={made ? callLink.ready : callLink.dialogText}>
        {made ? (
          <>
            <ShareLink link={made.address} title={made.name} />
            <DialogActions>
              <Button
                onClick={() => {
                  change(false);
                  navigate(conversationPath(made.room));
                }}
              >
                {callLink.open}
              </Button>
            </DialogActions>
          </>
        ) : (
          <About onMade={setMade} />
        )}
      </DialogContent>
    </Dialog>
  );
}

function About({ onMade }: { onMade(made: Made): void }) {
  const words = useWords();
  const { callLink, links } = useGuestWords();
  const locale = useLocale();
  const session = useSession();
  const [name, setName] = useState(() => {
    const today = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }).format(session.now());
    return callLink.defaultName(today);
  });
  const [tried, setTried] = useState(false);
  /** Made already, when only the link has failed. */
  const [room, setRoom] = useState<ConversationId>();
  const task = useTask();
  const nameless = name.trim() === "";
  const make = () => {
    setTried(true);
    if (nameless) return;
    task.run(async () => {
      const id = room ?? (await session.changes.createRoom(name.trim(), []));
      setRoom(id);
      const { link, secret } = await session.keys.links.make(id, { valid_for: DAY, uses: 1, lobby: true });
      onMade({ room: id, name: name.trim(), address: linkAddress(link.id, secret) });
    });
  };
  return (
    <Form className="gap-4" onSubmit={make}>
      <Field
        label={callLink.name}
        value={name}
        maxLength={NAME_CHARS}
        autoComplete="off"
        dir="auto"
        onChange={(event) => setName(event.target.value)}
        error={tried && nameless ? words.rooms.nameMissing : undefined}
      />
      <FormError>{task.error}</FormError>
      <Button type="submit" size="lg" aria-disabled={task.busy}>
        {task.busy ? links.working : callLink.create}
      </Button>
    </Form>
  );
}

const DAY = 86_400_000;
