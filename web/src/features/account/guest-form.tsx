import { type ReactNode, useState } from "react";

import { Door } from "@/components/door";
import { Field, FormError } from "@/components/field";
import { Form } from "@/components/form";
import { Isolate } from "@/components/isolate";
import { Button } from "@/components/ui/button";
import { RequestError } from "@/lib/api";
import { useNow } from "@/lib/clock";
import { complainOfName } from "@/lib/complaints";
import { relativeTime } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";
import { useGuestWords } from "@/lib/words/guests";
import type { Session } from "@/protocol/wire";
import type { HeldLink } from "@/session";
import { comeAsGuest } from "@/session/account";

/** In front of a room: a name is all that a guest needs. */
export function GuestForm({
  held,
  onDone,
  children,
}: {
  held: HeldLink;
  onDone(session: Session): void;
  children: ReactNode;
}) {
  const words = useWords();
  const { door } = useGuestWords();
  const locale = useLocale();
  const now = useNow();
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const task = useTask((error) => {
    if (!(error instanceof RequestError)) return undefined;
    if (["not_found", "unauthorized", "forbidden"].includes(error.code)) return door.gone;
    return ["conflict", "stale_epoch", "rotate_first"].includes(error.code) ? door.busy : undefined;
  });
  const { by, name: room, lobby, expires } = held.opened;
  const complaint = complainOfName(name, words);
  const submit = () => {
    setTried(true);
    if (complaint !== undefined) return;
    task.run(async () => onDone(await comeAsGuest(held, name.trim())));
  };
  return (
    <Door
      title={room === null ? <Isolate say={door.title} names={[by.name]} /> : <Isolate say={door.titleTo} names={[by.name, room]} />}
      text={door.text}
    >
      <Form onSubmit={submit}>
        <Field
          label={door.name}
          hint={door.nameHint}
          name="nickname"
          autoComplete="nickname"
          autoFocus
          dir="auto"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={tried ? complaint : undefined}
        />
        <FormError>{task.error}</FormError>
        <Button type="submit" size="lg" aria-disabled={task.busy}>
          {task.busy ? door.making : lobby ? door.ask : door.join}
        </Button>
      </Form>
      <p className="mt-3 text-sm text-muted-foreground">
        {[lobby ? door.askHint : null, door.until(relativeTime(expires, now, locale))].filter(Boolean).join(" ")}
      </p>
      {children}
    </Door>
  );
}
