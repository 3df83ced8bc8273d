import { KeyRound, ShieldAlert, UserRoundPlus } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { Isolate } from "@/components/isolate";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { personPath } from "@/lib/paths";
import { useReadable } from "@/lib/use-readable";
import { useTask } from "@/lib/use-task";
import type { AccountId } from "@/protocol/wire";
import { type ConversationView, useSession } from "@/session";

import { useNames } from "./people";

/** Above the log: what is wrong with the keys of a conversation, and who waits to be let in. */
export function KeyNotices({ conversation }: { conversation: ConversationView }) {
  const { chat } = useWords();
  const session = useSession();
  const state = useReadable(session.keys.state(conversation.id));
  return (
    <>
      {state.split && (
        <Notice alarm icon={<ShieldAlert aria-hidden className="size-4.5 shrink-0" />}>
          <p>{chat.warnings.split}</p>
        </Notice>
      )}
      {state.refused && (
        <Notice alarm icon={<ShieldAlert aria-hidden className="size-4.5 shrink-0" />}>
          <p>{chat.control.refused}</p>
        </Notice>
      )}
      {state.waiting && !state.refused && (
        <Notice icon={<KeyRound aria-hidden className="size-4.5 shrink-0" />}>
          <p className="font-medium">{chat.keyless.title}</p>
          <p className="text-muted-foreground">{chat.keyless.text}</p>
        </Notice>
      )}
      <ChangedKeys conversation={conversation} />
      {!state.waiting && <LetIn conversation={conversation} anew={state.anew} />}
    </>
  );
}

/** Somebody whose keys were compared has others now. */
function ChangedKeys({ conversation }: { conversation: ConversationView }) {
  const { chat } = useWords();
  const nameOf = useNames();
  const contacts = useReadable(useSession().contacts.all);
  return conversation.members
    .filter(({ account }) => contacts.get(account)?.blocked)
    .slice(0, SHOWN)
    .map(({ account }) => (
      <Notice key={account} alarm icon={<ShieldAlert aria-hidden className="size-4.5 shrink-0" />}>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <div className="min-w-0 flex-1 basis-60">
            <p className="font-medium">
              <Isolate say={chat.changedKeys.title} names={[nameOf(account)]} />
            </p>
            <p>{chat.changedKeys.text}</p>
          </div>
          <Button asChild size="sm" variant="secondary">
            <Link href={personPath(account)}>{chat.changedKeys.look}</Link>
          </Button>
        </div>
      </Notice>
    ));
}

function LetIn({ conversation, anew }: { conversation: ConversationView; anew: readonly AccountId[] }) {
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const { id, kind, role } = conversation;
  const inside = new Set(conversation.members.map(({ account }) => account));
  // Accounts made without an invite of a member have nobody who has passed on the keys.
  const outside =
    kind === "everyone" && role === "manager"
      ? [...accounts.values()].filter((account) => account.record > 0 && account.role !== "guest" && !account.disabled && !inside.has(account.id))
      : [];
  return (
    <>
      {outside.slice(0, SHOWN).map((account) => (
        <Ask key={account.id} account={account.id} letIn={() => session.changes.addMembers(id, [account.id])} />
      ))}
      {anew
        .filter((account) => account !== session.account)
        .slice(0, SHOWN)
        .map((account) => (
          <Ask key={account} account={account} anew letIn={() => session.changes.readmit(id, account)} />
        ))}
    </>
  );
}

function Ask({ account, anew = false, letIn }: { account: AccountId; anew?: boolean; letIn(): Promise<void> }) {
  const { chat } = useWords();
  const nameOf = useNames();
  const task = useTask();
  return (
    <Notice icon={<UserRoundPlus aria-hidden className="size-4.5 shrink-0" />}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="min-w-0 flex-1 basis-60">
          <p className="font-medium">
            <Isolate say={anew ? chat.letIn.askAgain : chat.letIn.ask} names={[nameOf(account)]} />
          </p>
          <p className={cn("text-muted-foreground", task.error && "text-destructive")}>
            {task.error ?? (anew ? chat.letIn.textAgain : chat.letIn.text)}
          </p>
        </div>
        <Button size="sm" aria-disabled={task.busy} onClick={() => task.run(letIn)}>
          {chat.letIn.action}
        </Button>
      </div>
    </Notice>
  );
}

function Notice({ alarm = false, icon, children }: { alarm?: boolean; icon: ReactNode; children: ReactNode }) {
  return (
    <div
      role={alarm ? "alert" : "status"}
      className={cn(
        "flex items-start gap-3 border-b px-4 py-2.5 text-sm",
        alarm ? "bg-destructive text-destructive-foreground" : "bg-muted",
      )}
    >
      {icon}
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}

/** More at once would leave no room for the conversation. */
const SHOWN = 3;
