// What the page and the vault's worker say to each other.

import type { AccountId } from "@/protocol/wire";

import type { Vault, VaultProblem } from "./api";

export type Method = keyof Vault;

export interface Question {
  id: number;
  account: AccountId;
  method: Method;
  ask: unknown;
}

export type Answer =
  | { id: number; value: unknown }
  | { id: number; problem: VaultProblem; accounts: readonly AccountId[] };
