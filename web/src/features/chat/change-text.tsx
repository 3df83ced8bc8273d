import type { ReactNode } from "react";

import { Isolate } from "@/components/isolate";
import { list } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import type { ChangeEntry } from "@/session";

import { useNames } from "./people";

/** A change of members, name or keys in one line. */
export function ChangeText({ entry }: { entry: ChangeEntry }): ReactNode {
  const { changes } = useWords().chat;
  const locale = useLocale();
  const nameOf = useNames();
  const { change, by } = entry;
  const who = nameOf(by);
  switch (change.type) {
    case "create":
      if (change.kind === "everyone") return <Isolate say={changes.createdEveryone} names={[who]} />;
      if (change.kind === "direct") return <Isolate say={changes.createdDirect} names={[who]} />;
      return <Isolate say={changes.created} names={[who, change.name]} />;
    case "add":
      return (
        <Isolate
          say={change.members.some(({ via }) => via) ? changes.letIn : changes.added}
          names={[who, list(change.members.map(({ account }) => nameOf(account)), locale)]}
        />
      );
    case "join":
      return change.by ? (
        <Isolate say={changes.joinedBy} names={[who, nameOf(change.by)]} />
      ) : (
        <Isolate say={changes.joined} names={[who]} />
      );
    case "remove":
      return <Isolate say={changes.removed} names={[who, nameOf(change.account)]} />;
    case "leave":
      return <Isolate say={changes.left} names={[who]} />;
    case "rotate":
      return <Isolate say={changes.rotated} names={[who]} />;
    case "role":
      return (
        <Isolate
          say={change.role === "manager" ? changes.manager : changes.member}
          names={[who, nameOf(change.account)]}
        />
      );
    case "rename":
      return <Isolate say={changes.renamed} names={[who, change.name]} />;
    case "link_add":
      return <Isolate say={changes.linkAdded} names={[who]} />;
    case "link_revoke":
      return <Isolate say={changes.linkRevoked} names={[who]} />;
    case "readmit":
      return <Isolate say={changes.readmitted} names={[who, nameOf(change.account)]} />;
  }
}
