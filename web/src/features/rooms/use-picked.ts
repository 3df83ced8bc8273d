import { useState } from "react";

import type { Account, AccountId } from "@/protocol/wire";

/** People picked one after the other, in that order. */
export function usePicked() {
  const [people, setPeople] = useState<readonly Account[]>([]);
  const ids: ReadonlySet<AccountId> = new Set(people.map(({ id }) => id));
  const toggle = (account: Account) => {
    setPeople((before) =>
      before.some(({ id }) => id === account.id)
        ? before.filter(({ id }) => id !== account.id)
        : [...before, account],
    );
  };
  return { people, ids, toggle };
}
