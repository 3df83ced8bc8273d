// The page's end of the search worker.

import { scriptUrl } from "@/lib/trusted";

import type { AccountId } from "@/protocol/wire";

import type { Sink } from "./feeder";
import type { Answer, Question, Questions } from "./messages";
import workerUrl from "./worker?worker&url";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The index of an account in its worker, which starts when it is first needed. */
export function workerSink(account: AccountId): Sink {
  let worker: SearchWorker | undefined;
  const ask: SearchWorker["ask"] = (type, question) => (worker ??= new SearchWorker()).ask(type, question);
  return {
    open: () => ask("open", { account }),
    add: async (segment) => void (await ask("add", { segment })),
    find: (query, limit) => ask("find", { query, limit }),
    forget: async (conversation) => void (await ask("forget", { conversation })),
    stop: () => worker?.stop(),
  };
}

/** Asks the worker, which lives until `stop`. */
class SearchWorker {
  readonly #waiting = new Map<number, Waiting>();
  readonly #worker: Worker;
  #last = 0;

  constructor() {
    this.#worker = new Worker(scriptUrl(workerUrl), { type: "module", name: "search" });
    this.#worker.addEventListener("message", (event: MessageEvent<Answer>) => this.#answered(event.data));
    this.#worker.addEventListener("error", () => this.#failed());
  }

  ask<K extends keyof Questions>(type: K, question: Questions[K]["ask"]): Promise<Questions[K]["answer"]> {
    this.#last += 1;
    const id = this.#last;
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...question, type, id } as Question);
    }) as Promise<Questions[K]["answer"]>;
  }

  stop(): void {
    this.#worker.terminate();
    this.#failed();
  }

  #answered(answer: Answer): void {
    const asked = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("failed" in answer) asked?.reject(new Error(answer.failed));
    else asked?.resolve(answer.value);
  }

  #failed(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error("the search worker stopped"));
    this.#waiting.clear();
  }
}
