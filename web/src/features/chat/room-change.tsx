import { Isolate } from "@/components/isolate";
import { list } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import type { AccountId, RoomChange } from "@/protocol/wire";

import { useNames } from "./people";

/** A change of a room in one line. */
export function RoomChangeText({ by, change }: { by: AccountId; change: RoomChange }) {
  const { changes } = useWords().chat;
  const locale = useLocale();
  const nameOf = useNames();
  const who = nameOf(by);
  switch (change.type) {
    case "created":
      return <Isolate say={changes.created} names={[who, change.name]} />;
    case "renamed":
      return <Isolate say={changes.renamed} names={[who, change.name]} />;
    case "added":
      return <Isolate say={changes.added} names={[who, list(change.accounts.map(nameOf), locale)]} />;
    case "removed":
      return <Isolate say={changes.removed} names={[who, nameOf(change.account)]} />;
    case "left":
      return <Isolate say={changes.left} names={[who]} />;
    case "joined":
      return <Isolate say={changes.joined} names={[who]} />;
  }
}
