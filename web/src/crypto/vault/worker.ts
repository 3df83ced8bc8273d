// The vault's thread: keys live here and in the accounts' databases, and never
// reach the page.

import type { AccountId } from "@/protocol/wire";

import { type Approving, type Engine, makeEngine } from "./engine";
import { VaultError } from "./error";
import type { Answer, Question } from "./messages";
import { openStore } from "./store";

const engines = new Map<AccountId, Engine>();
const approving: Approving = { pair: null };

addEventListener("message", (event: MessageEvent<Question>) => {
  void answer(event.data);
});

async function answer({ id, account, method, ask }: Question): Promise<void> {
  try {
    postMessage({ id, value: await engineOf(account)(method, ask) } satisfies Answer);
  } catch (error) {
    const { problem, accounts } = error instanceof VaultError ? error : new VaultError("internal");
    postMessage({ id, problem, accounts } satisfies Answer);
  }
}

function engineOf(account: AccountId): Engine {
  let engine = engines.get(account);
  if (!engine) {
    engine = makeEngine(account, openStore(account), (name, work) => navigator.locks.request(name, work), approving);
    engines.set(account, engine);
  }
  return engine;
}
