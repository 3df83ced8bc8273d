import { KeyRound, MoreHorizontal, UserCheck, UserX } from "lucide-react";
import { useState } from "react";

import { LongList } from "@/components/long-list";
import { PersonAvatar } from "@/components/person-avatar";
import { Confirm } from "@/components/ui/alert-dialog";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { patch } from "@/lib/api";
import { errorText } from "@/lib/error-text";
import { compareNames } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { toast } from "@/lib/toasts";
import { useReadable } from "@/lib/use-readable";
import type { Account, AdministerAccount, Role } from "@/protocol/wire";
import { useSession } from "@/session";

import { ResetLink } from "./reset-link";

/** The others' accounts, for admins: what they may do, whether they may come in. */
export function AdministrationPage() {
  const words = useWords();
  const { administration: text } = words.settings;
  const locale = useLocale();
  const session = useSession();
  const accounts = useReadable(session.accounts);
  const [disabling, setDisabling] = useState<Account>();
  const [resetting, setResetting] = useState<Account>();
  const own = accounts.get(session.account)?.role ?? "member";
  const all = [...accounts.values()].sort((a, b) => compareNames(a.name, b.name, locale));

  const administer = (account: Account, change: AdministerAccount, done: string) => {
    patch<Account>(`/admin/accounts/${account.id}`, change)
      .then(() => toast(done))
      .catch((error: unknown) => toast(errorText(error, words), { tone: "error" }));
  };

  return (
    <>
      <p className="text-muted-foreground">{text.text}</p>
      <LongList items={all} keyOf={({ id }) => id} className="mt-4">
        {(account) => (
          <div className="flex items-center gap-3 border-b py-3">
            <PersonAvatar account={account} className={account.disabled ? "grayscale" : ""} />
            <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1">
              <bdi className="truncate font-medium">{account.name}</bdi>
              {account.id === session.account && <Badge>{words.people.you}</Badge>}
              {account.role !== "member" && (
                <Badge variant="accent">{words.people.roles[account.role]}</Badge>
              )}
              {account.disabled && <Badge variant="attention">{words.people.disabled}</Badge>}
            </div>
            {account.id !== session.account && account.role !== "owner" && (
              <Actions
                account={account}
                appoints={own === "owner"}
                onRole={(role) =>
                  administer(
                    account,
                    { role },
                    text.roleChanged(account.name, words.people.roles[role]),
                  )
                }
                onEnable={() =>
                  administer(account, { disabled: false }, text.enabled(account.name))
                }
                onDisable={() => setDisabling(account)}
                onReset={() => setResetting(account)}
              />
            )}
          </div>
        )}
      </LongList>
      <Confirm
        open={disabling !== undefined}
        onOpenChange={() => setDisabling(undefined)}
        title={<bdi>{text.disableAsk(disabling?.name ?? "")}</bdi>}
        text={text.disableText}
        action={text.disableAction}
        destructive
        onConfirm={() => {
          if (disabling) administer(disabling, { disabled: true }, text.disabled(disabling.name));
        }}
      />
      {resetting && <ResetLink account={resetting} onClose={() => setResetting(undefined)} />}
    </>
  );
}

interface ActionsProps {
  account: Account;
  /** Only the owner makes admins. */
  appoints: boolean;
  onRole(role: Role): void;
  onEnable(): void;
  onDisable(): void;
  onReset(): void;
}

function Actions({ account, appoints, onRole, onEnable, onDisable, onReset }: ActionsProps) {
  const words = useWords();
  const { administration: text } = words.settings;
  const roles: readonly Role[] = ["member", "admin"];
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={text.actions(account.name)}>
          <MoreHorizontal aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="min-w-60">
        {appoints && (
          <>
            <DropdownMenuLabel>{text.role(account.name)}</DropdownMenuLabel>
            <DropdownMenuRadioGroup value={account.role}>
              {roles.map((role) => (
                <DropdownMenuRadioItem key={role} value={role} onSelect={() => onRole(role)}>
                  {words.people.roles[role]}
                </DropdownMenuRadioItem>
              ))}
            </DropdownMenuRadioGroup>
            <DropdownMenuSeparator />
          </>
        )}
        <DropdownMenuItem onSelect={onReset}>
          <KeyRound aria-hidden />
          {text.resetLink}
        </DropdownMenuItem>
        {account.disabled ? (
          <DropdownMenuItem onSelect={onEnable}>
            <UserCheck aria-hidden />
            {text.enable}
          </DropdownMenuItem>
        ) : (
          <DropdownMenuItem destructive onSelect={onDisable}>
            <UserX aria-hidden />
            {text.disable}
          </DropdownMenuItem>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
