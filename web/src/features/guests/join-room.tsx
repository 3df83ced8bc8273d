import { type ReactNode, useCallback, useEffect, useState } from "react";
import { Link, Redirect, useLocation } from "wouter";

import { Door } from "@/components/door";
import { FormError } from "@/components/field";
import { Isolate } from "@/components/isolate";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { useWords } from "@/lib/i18n";
import { useLinkCheck } from "@/lib/link-check";
import { conversationPath } from "@/lib/paths";
import { takeSecret } from "@/lib/secret";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import { useGuestWords } from "@/lib/words/guests";
import type { ConversationId, LinkId } from "@/protocol/wire";
import { type HeldLink, useSession } from "@/session";
import { openLink } from "@/session/account";

import { Waits } from "./waiting-room";

/** The link of a room, opened by somebody who is signed in. */
export function JoinRoom({ link, invited }: { link: string; invited: ReactNode }) {
  const words = useWords();
  const { door, ended, signedIn } = useGuestWords();
  const session = useSession();
  const ready = useReadable(session.ready);
  const waiting = useReadable(session.keys.lobby.waiting);
  const conversations = useReadable(session.conversations);
  /** Where this page has knocked: it goes there once it is let in. */
  const [knocked, setKnocked] = useState<ConversationId>();
  const [refused, setRefused] = useState(false);
  const [secret] = useState(takeSecret);
  const open = useCallback(() => (secret ? openLink(link, secret) : null), [link, secret]);
  const check = useLinkCheck(open);

  useEffect(
    () =>
      session.keys.lobby.onTurnedAway((away) => {
        if (away.link === (link as LinkId)) setRefused(true);
      }),
    [session, link],
  );

  const waits = waiting.find((one) => one.link === (link as LinkId));
  const opened = check.state === "good" && check.answer.type === "room" ? check.answer.opened : null;
  const target = knocked ?? waits?.conversation ?? opened?.conversation;
  if (target && conversations.some(({ id }) => id === target)) return <Redirect to={conversationPath(target)} replace />;
  if (refused) {
    return (
      <Door title={ended.away.title} text={ended.away.text}>
        <Button asChild size="lg">
          <Link href="/">{words.account.join.signedIn.action}</Link>
        </Button>
      </Door>
    );
  }
  if (waits) return <Waits waiting={waits} by={opened?.by.name ?? null} onArrive={setKnocked} />;
  if (!ready || check.state === "checking") {
    return (
      <Door title={<Skeleton className="h-7 w-56" />} text={words.account.join.checking}>
        <Skeleton className="h-24" />
      </Door>
    );
  }
  if (check.state === "failed") {
    return (
      <Door title={words.common.unreachable.title} text={check.text}>
        <Button onClick={check.retry}>{words.common.retry}</Button>
      </Door>
    );
  }
  if (check.state === "bad") {
    const { title, text } = secret ? door.bad : door.incomplete;
    return (
      <Door title={title} text={text}>
        <Button asChild variant="secondary" size="lg">
          <Link href="/">{signedIn.back}</Link>
        </Button>
      </Door>
    );
  }
  return check.answer.type === "invite" ? invited : <Ask held={check.answer} onAsked={setKnocked} />;
}

function Ask({ held, onAsked }: { held: HeldLink; onAsked(conversation: ConversationId): void }) {
  const words = useWords();
  const { signedIn, door } = useGuestWords();
  const session = useSession();
  const name = useReadable(session.accounts).get(session.account)?.name ?? "";
  const [, navigate] = useLocation();
  const task = useTask((error) =>
    error instanceof Error && "code" in error && error.code === "not_found" ? door.gone : undefined,
  );
  const { opened, link } = held;
  const go = () =>
    task.run(async () => {
      const { links, lobby } = session.keys;
      if (opened.lobby) {
        onAsked(opened.conversation);
        await links.knock(held);
        lobby.waits({ conversation: opened.conversation, link });
      } else navigate(conversationPath(await links.join(held)), { replace: true });
    });
  return (
    <Door
      title={
        opened.name === null ? (
          <Isolate say={signedIn.titleLobby} names={[opened.by.name]} />
        ) : (
          <Isolate say={signedIn.title} names={[opened.name]} />
        )
      }
      text={<Isolate say={signedIn.text} names={[name]} />}
    >
      <FormError>{task.error}</FormError>
      <div className="mt-2 flex flex-col gap-3">
        <Button size="lg" aria-disabled={task.busy} onClick={go}>
          {task.busy ? words.account.working : opened.lobby ? door.ask : signedIn.join}
        </Button>
        <Button asChild variant="ghost">
          <Link href="/">{signedIn.back}</Link>
        </Button>
      </div>
    </Door>
  );
}
