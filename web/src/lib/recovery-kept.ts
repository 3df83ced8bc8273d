import type { AccountId } from "@/protocol/wire";

import { memoize } from "./memoize";
import type { Cell } from "./readable";
import { storedSetting } from "./stored";

/**
 * Whether the person behind an account has shown, in this browser, that they have
 * kept their recovery code. It says nothing about the code itself.
 */
export const recoveryKept: (account: AccountId) => Cell<"yes" | "no"> = memoize((account: AccountId) =>
  storedSetting(`recovery.${account}`, ["yes", "no"], "yes"),
);
