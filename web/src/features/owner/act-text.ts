import { fileSize } from "@/lib/format";
import { useLocale, useWords, type Words } from "@/lib/i18n";
import { type OwnerWords, useOwnerWords } from "@/lib/words/owner";
import type { NotedAct } from "@/protocol/wire";

/** Says in words what a line of the log tells. */
export function useActText(): (noted: NotedAct) => string {
  const words = useWords();
  const ownerWords = useOwnerWords();
  const locale = useLocale();
  return (noted) => actText(noted, ownerWords, words, locale);
}

/** A line of the log as a sentence. */
export function actText(noted: NotedAct, { log }: OwnerWords, { people }: Words, locale: string): string {
  const by = noted.by?.name ?? log.commandLine;
  const whom = noted.whom?.name ?? log.somebody;
  const { act } = noted;
  switch (act.type) {
    case "renamed":
      return log.acts.renamed(by, act.from, act.to);
    case "role_changed":
      return log.acts.roleChanged(by, whom, people.roles[act.from], people.roles[act.to]);
    case "disabled":
      return log.acts.disabled(by, whom);
    case "enabled":
      return log.acts.enabled(by, whom);
    case "signed_out":
      return log.acts.signedOut(by, whom);
    case "device_signed_out":
      return log.acts.deviceSignedOut(by, whom, act.device);
    case "reset_made":
      return log.acts.resetMade(by, whom);
    case "quota_set":
      return log.acts.quotaSet(by, whom, act.to === null ? log.asRole : fileSize(act.to, locale));
    case "invite_made":
      return log.acts.inviteMade(by, act.uses);
    case "invite_revoked":
      return log.acts.inviteRevoked(by, whom);
    case "backed_up":
      return log.acts.backedUp(by);
    case "authority_replaced":
      return log.acts.authorityReplaced(by);
  }
}
