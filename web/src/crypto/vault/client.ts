// The page's end of the vault. One worker serves all accounts of the page; it
// starts with the first question and stays.

import { scriptUrl } from "@/lib/trusted";

import type { AccountId } from "@/protocol/wire";

import type { Vault } from "./api";
import { VaultError } from "./error";
import type { Answer, Method, Question } from "./messages";
import { remoteVault } from "./remote";
import workerUrl from "./worker?worker&url";

/** The vault of an account. */
export function openVault(account: AccountId): Vault {
  return remoteVault((method, ask) => page.ask(account, method, ask));
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

class VaultWorker {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #last = 0;

  ask(account: AccountId, method: Method, ask: unknown): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#started().postMessage({ id, account, method, ask } satisfies Question);
    });
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(scriptUrl(workerUrl), { type: "module", name: "vault" });
    worker.addEventListener("message", (event: MessageEvent<Answer>) => this.#answered(event.data));
    worker.addEventListener("error", () => this.#failed());
    this.#worker = worker;
    return worker;
  }

  #answered(answer: Answer): void {
    const asked = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("problem" in answer) asked?.reject(new VaultError(answer.problem, answer.accounts));
    else asked?.resolve(answer.value);
  }

  #failed(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(new VaultError("internal"));
    this.#waiting.clear();
  }
}

const page = new VaultWorker();
