import { Isolate } from "@/components/isolate";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { Room } from "@/session";

import { useNames } from "./people";

/** Who is typing. Has its place whether somebody is or not. */
export function TypingLine({ room }: { room: Room }) {
  const { typing } = useWords().chat;
  const nameOf = useNames();
  const accounts = useReadable(room.typing.accounts);
  const names = accounts.slice(0, 2).map(nameOf);
  return (
    <div aria-live="polite" className="h-5.5 truncate px-3 text-xs text-muted-foreground">
      {accounts.length > 2 && typing.many}
      {accounts.length === 2 && <Isolate say={typing.two} names={names} />}
      {accounts.length === 1 && <Isolate say={typing.one} names={names} />}
    </div>
  );
}
