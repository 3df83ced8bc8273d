// The vault's thread: keys live here and in this account's database, and never
// reach the page.

import { VaultError } from "./error";
import type { Answer, Question } from "./messages";

addEventListener("message", (event: MessageEvent<Question>) => {
  void answer(event.data);
});

async function answer(question: Question): Promise<void> {
  try {
    postMessage({ id: question.id, value: await work(question) } satisfies Answer);
  } catch (error) {
    const known = error instanceof VaultError ? error : new VaultError("internal");
    postMessage({ id: question.id, problem: known.problem, accounts: known.accounts } satisfies Answer);
  }
}

function work({ method }: Question): Promise<unknown> {
  return Promise.reject(new Error(method));
}
