import { KeyRound, Lock, LogOut, Pencil, UserPlus, X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link, useLocation } from "wouter";

import { Isolate } from "@/components/isolate";
import { Confirm } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Sheet, SheetContent } from "@/components/ui/sheet";
import { Skeleton } from "@/components/ui/skeleton";
import { conversationName } from "@/lib/conversation-name";
import { errorText } from "@/lib/error-text";
import { useLocale, useWords } from "@/lib/i18n";
import { privacyPath } from "@/lib/paths";
import { toast } from "@/lib/toasts";
import { useMedia } from "@/lib/use-media";
import { useReadable } from "@/lib/use-readable";
import type { ConversationId } from "@/protocol/wire";
import { type ConversationView, useSession } from "@/session";

import { MemberRow } from "./member-row";
import { AddPeople, RenameRoom } from "./room-dialogs";

const RoomLinks = lazy(() => import("./room-links").then((links) => ({ default: links.RoomLinks })));

/** Who is in a conversation and what can be done about it: beside it on wide screens, over it on others. */
export function RoomPanel({ id, open, onClose }: { id: ConversationId; open: boolean; onClose: () => void }) {
  const { rooms, common } = useWords();
  const conversation = useReadable(useSession().conversations).find((one) => one.id === id);
  const beside = useMedia("(min-width: 64rem)");
  if (!conversation) return null;
  if (!beside) {
    return (
      <Sheet open={open} onOpenChange={(next) => !next && onClose()}>
        <SheetContent title={rooms.details}>
          <Details conversation={conversation} />
        </SheetContent>
      </Sheet>
    );
  }
  if (!open) return null;
  return (
    <aside aria-label={rooms.details} className="flex h-full w-80 shrink-0 flex-col border-l">
      <header className="flex h-16 shrink-0 items-center justify-between border-b pr-3 pl-5">
        <h2 className="font-semibold">{rooms.details}</h2>
        <Button variant="ghost" size="icon" aria-label={common.close} onClick={onClose}>
          <X aria-hidden />
        </Button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">
        <Details conversation={conversation} />
      </div>
    </aside>
  );
}

function Details({ conversation }: { conversation: ConversationView }) {
  const words = useWords();
  const { rooms } = words;
  const locale = useLocale();
  const accounts = useReadable(useSession().accounts);
  const [dialog, setDialog] = useState<"add" | "rename" | null>(null);
  const room = conversation.kind === "room";
  // Guests ask nobody in and renew no keys.
  const visits = conversation.role === "guest";
  const order = new Intl.Collator(locale);
  const members = conversation.members
    .flatMap(({ account: id, role }) => {
      const account = accounts.get(id);
      return account ? [{ account, role }] : [];
    })
    .sort((a, b) => order.compare(a.account.name, b.account.name));
  const dialogProps = (which: "add" | "rename") => ({
    room: conversation,
    open: dialog === which,
    onOpenChange: (open: boolean) => setDialog(open ? which : null),
  });
  return (
    <div className="flex flex-col gap-4">
      {room && (
        <div className="flex items-start gap-2">
          <p className="min-w-0 flex-1 pt-1 text-lg leading-7 font-semibold wrap-anywhere">
            <bdi>{conversationName(conversation, accounts, words)}</bdi>
          </p>
          {conversation.role === "manager" && (
            <Button variant="ghost" size="icon" aria-label={rooms.rename} onClick={() => setDialog("rename")}>
              <Pencil aria-hidden />
            </Button>
          )}
        </div>
      )}
      {conversation.kind === "everyone" && <p className="text-sm text-muted-foreground">{rooms.everyoneText}</p>}
      <div className="flex items-center justify-between gap-2">
        <h3 className="text-sm font-medium text-muted-foreground">{words.chat.members(members.length)}</h3>
        {room && !visits && (
          <Button variant="secondary" size="sm" onClick={() => setDialog("add")}>
            <UserPlus aria-hidden className="size-4" />
            {rooms.add}
          </Button>
        )}
      </div>
      <ul aria-label={rooms.members} className="-mt-2">
        {members.map(({ account, role }) => (
          <MemberRow key={account.id} conversation={conversation} account={account} role={role} />
        ))}
      </ul>
      {room && !visits && (
        <Suspense fallback={<Skeleton className="h-24" />}>
          <RoomLinks room={conversation} />
        </Suspense>
      )}
      <p className="flex items-start gap-2 text-sm text-muted-foreground">
        <Lock aria-hidden className="mt-0.5 size-4 shrink-0" />
        <span>
          {rooms.encrypted}{" "}
          <Link href={privacyPath} className="text-primary underline underline-offset-4">
            {words.common.whatIsProtected}
          </Link>
        </span>
      </p>
      {!visits && <RenewKeys conversation={conversation} />}
      {room && <LeaveRoom conversation={conversation} />}
      <AddPeople {...dialogProps("add")} />
      <RenameRoom {...dialogProps("rename")} />
    </div>
  );
}

function RenewKeys({ conversation }: { conversation: ConversationView }) {
  const words = useWords();
  const session = useSession();
  const renew = () =>
    session.changes
      .renewKeys(conversation.id)
      .then(() => toast(words.rooms.keysRenewed))
      .catch((error: unknown) => toast(errorText(error, words), { tone: "error" }));
  return (
    <Button variant="quiet" className="-mx-3 justify-start px-3" onClick={() => void renew()}>
      <KeyRound aria-hidden />
      {words.rooms.renewKeys}
    </Button>
  );
}

function LeaveRoom({ conversation }: { conversation: ConversationView }) {
  const words = useWords();
  const { rooms } = words;
  const session = useSession();
  const [asking, setAsking] = useState(false);
  const [, go] = useLocation();
  const leave = async () => {
    try {
      await session.changes.leave(conversation.id);
      go("/", { replace: true });
    } catch (error) {
      toast(errorText(error, words), { tone: "error" });
    }
  };
  return (
    <>
      <Button variant="quiet" className="-mx-3 justify-start px-3" onClick={() => setAsking(true)}>
        <LogOut aria-hidden />
        {rooms.leave}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={<Isolate say={rooms.leaveTitle} names={[conversation.name]} />}
        text={rooms.leaveText}
        action={rooms.leaveAction}
        destructive
        onConfirm={() => void leave()}
      />
    </>
  );
}
