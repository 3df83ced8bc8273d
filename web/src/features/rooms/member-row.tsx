import { EllipsisVertical, MessageCircle, UserCheck, UserCog, UserMinus } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { GuestBadge } from "@/components/guest-badge";
import { Isolate } from "@/components/isolate";
import { PersonAvatar } from "@/components/person-avatar";
import { Verified } from "@/components/verified";
import { Confirm } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { errorText } from "@/lib/error-text";
import { useWords } from "@/lib/i18n";
import { conversationPath, personPath } from "@/lib/paths";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import type { Account, MemberRole } from "@/protocol/wire";
import { type ConversationView, useContact, useSession, useVisiting } from "@/session";

/** A member in the panel, with what one can do about them. */
export function MemberRow({
  conversation,
  account,
  role,
}: {
  conversation: ConversationView;
  account: Account;
  role: MemberRole;
}) {
  const words = useWords();
  const { rooms } = words;
  const session = useSession();
  const online = useReadable(session.presence).has(account.id);
  const [removing, setRemoving] = useState(false);
  const [, go] = useLocation();
  const contact = useContact(account.id);
  const self = account.id === session.account;
  const visiting = useVisiting();
  const guest = role === "guest" || account.role === "guest";
  const removable = conversation.kind === "room" && conversation.role === "manager" && !self;
  // Guests begin no conversations, and nobody begins one with somebody who will be gone.
  const writable = !visiting && account.role !== "guest" && !account.disabled;
  const attempt = (work: Promise<unknown>) =>
    void work.catch((error: unknown) => toast(errorText(error, words), { tone: "error" }));
  const write = async () => go(conversationPath(await session.changes.openDirect(account.id)));
  return (
    <li className="flex items-center gap-3 py-1.5 [contain-intrinsic-height:3rem] [content-visibility:auto]">
      <PersonAvatar account={account} size="sm" online={online} />
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-1.5 leading-5">
          <Link href={personPath(account.id)} className="truncate underline-offset-4 hover:underline">
            {self ? <Isolate say={rooms.you} names={[account.name]} /> : <bdi>{account.name}</bdi>}
          </Link>
          {contact?.verified && <Verified />}
          {guest && <GuestBadge />}
        </p>
        <p className="truncate text-xs text-muted-foreground">
          {[online ? words.chat.online : words.chat.away, conversation.kind === "room" && role === "manager" ? rooms.manager : null]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      {!self && (removable || writable) && (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button variant="ghost" size="icon-sm" aria-label={`${words.common.more}: ${account.name}`}>
              <EllipsisVertical aria-hidden />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="end">
            {writable && (
              <DropdownMenuItem onSelect={() => attempt(write())}>
                <MessageCircle aria-hidden />
                <span>
                  <Isolate say={rooms.write} names={[account.name]} />
                </span>
              </DropdownMenuItem>
            )}
            {removable && guest && (
              <DropdownMenuItem
                onSelect={() => attempt(session.changes.setRole(conversation.id, account.id, "member"))}
              >
                <UserCheck aria-hidden />
                {rooms.guestToMember}
              </DropdownMenuItem>
            )}
            {removable && !guest && (
              <DropdownMenuItem
                onSelect={() =>
                  attempt(session.changes.setRole(conversation.id, account.id, role === "manager" ? "member" : "manager"))
                }
              >
                <UserCog aria-hidden />
                {role === "manager" ? rooms.makeMember : rooms.makeManager}
              </DropdownMenuItem>
            )}
            {removable && (
              <DropdownMenuItem destructive onSelect={() => setRemoving(true)}>
                <UserMinus aria-hidden />
                {rooms.removeFrom}
              </DropdownMenuItem>
            )}
          </DropdownMenuContent>
        </DropdownMenu>
      )}
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={<Isolate say={rooms.removeTitle} names={[account.name]} />}
        text={rooms.removeText}
        action={rooms.removeAction}
        destructive
        onConfirm={() =>
          attempt(session.changes.removeMember(conversation.id, account.id))
        }
      />
    </li>
  );
}
