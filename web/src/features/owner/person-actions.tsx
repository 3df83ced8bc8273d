import { HardDrive, KeyRound, Laptop, LogOut, MoreHorizontal, PenLine, UserCheck, UserX } from "lucide-react";

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
import { useWords } from "@/lib/i18n";
import { useOwnerWords } from "@/lib/words/owner";
import type { AdministerAccount, Person, Role } from "@/protocol/wire";

import { useAct } from "./acts";
import type { Asked } from "./person-dialogs";

/** What the owner can do about somebody. What is easily undone happens at once; the rest is asked about. */
export function PersonActions({
  person,
  onAsk,
  onDevices,
  onChanged,
}: {
  person: Person;
  onAsk(what: Asked["what"]): void;
  onDevices(): void;
  onChanged(): void;
}) {
  const { people: roleWords } = useWords();
  const { people: words } = useOwnerWords();
  const act = useAct();
  const { account } = person;
  const { id, name, role, disabled } = account;
  const guest = role === "guest";

  const change = (to: AdministerAccount) => () => patch(`/admin/accounts/${id}`, to);
  const setRole = (to: Role) => {
    if (to === role) return;
    act({
      send: change({ role: to }),
      done: words.roleChanged(name, roleWords.roles[to]),
      after: onChanged,
      undo: { send: change({ role }), done: words.roleChanged(name, roleWords.roles[role]), after: onChanged },
    });
  };
  const enable = () =>
    act({
      send: change({ disabled: false }),
      done: words.enabled(name),
      after: onChanged,
      undo: { send: change({ disabled: true }), done: words.disabled(name), after: onChanged },
    });

  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={words.actions(name)}>
          <MoreHorizontal aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="min-w-60">
        {!guest && (
          <>
            <DropdownMenuLabel>{words.role(name)}</DropdownMenuLabel>
            <DropdownMenuRadioGroup value={role}>
              {(["member", "admin"] as const).map((other) => (
                <DropdownMenuRadioItem key={other} value={other} onSelect={() => setRole(other)}>
                  {roleWords.roles[other]}
                </DropdownMenuRadioItem>
              ))}
            </DropdownMenuRadioGroup>
            <DropdownMenuSeparator />
          </>
        )}
        <DropdownMenuItem onSelect={() => onAsk("rename")}>
          <PenLine aria-hidden />
          {words.rename}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => onAsk("quota")}>
          <HardDrive aria-hidden />
          {words.quota}
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={onDevices}>
          <Laptop aria-hidden />
          {words.showDevices}
        </DropdownMenuItem>
        {!guest && (
          <DropdownMenuItem onSelect={() => onAsk("reset")}>
            <KeyRound aria-hidden />
            {words.reset}
          </DropdownMenuItem>
        )}
        <DropdownMenuSeparator />
        {person.devices > 0 && !guest && (
          <DropdownMenuItem onSelect={() => onAsk("signOut")}>
            <LogOut aria-hidden />
            {words.signOut}
          </DropdownMenuItem>
        )}
        {disabled ? (
          <DropdownMenuItem onSelect={enable}>
            <UserCheck aria-hidden />
            {words.enable}
          </DropdownMenuItem>
        ) : (
          <DropdownMenuItem destructive onSelect={() => onAsk("disable")}>
            <UserX aria-hidden />
            {words.disable}
          </DropdownMenuItem>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
