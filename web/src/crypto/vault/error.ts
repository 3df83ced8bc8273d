// Why the vault did not do what it was asked.

import type { AccountId } from "@/protocol/wire";

import type { VaultProblem } from "./api";

/** Says what is wrong, and about whom when it is about people. */
export class VaultError extends Error {
  readonly problem: VaultProblem;
  readonly accounts: readonly AccountId[];

  constructor(problem: VaultProblem, accounts: readonly AccountId[] = []) {
    super(`vault: ${problem}`);
    this.name = "VaultError";
    this.problem = problem;
    this.accounts = accounts;
  }
}
