// A person's keys, as the view looks at them.

import { useReadable } from "@/lib/use-readable";
import type { AccountId } from "@/protocol/wire";

import { useSession } from "./use-session";
import type { Contact } from "./vault";

/** What is known of a person's keys; undefined when nothing is. */
export function useContact(account: AccountId | null): Contact | undefined {
  const all = useReadable(useSession().contacts.all);
  return account === null ? undefined : all.get(account);
}
