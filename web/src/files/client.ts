// The page's end of the worker for files.

import type { SealedFile } from "@/crypto/file-content";
import { scriptUrl } from "@/lib/trusted";
import type { AccountId } from "@/protocol/wire";

import type { FetchFailure, Order, Report } from "./messages";
import workerUrl from "./worker?worker&url";

/** A file did not come down. */
export class NotFetched extends Error {
  override readonly name = "NotFetched";
  readonly reason: FetchFailure;

  constructor(reason: FetchFailure) {
    super(reason);
    this.reason = reason;
  }
}

/** What the session needs of the worker. */
export interface FilesWorker {
  order(order: Order): void;
  fetch(
    file: SealedFile,
    as: string,
    progress: (part: number) => void,
    signal: AbortSignal,
  ): Promise<Blob>;
  stop(): void;
}

interface Waiting {
  resolve(content: Blob): void;
  reject(error: Error): void;
  progress(part: number): void;
}

/** Starts the worker for an account; what concerns uploads is reported to `heard`. */
export function startFilesWorker(account: AccountId, heard: (report: Report) => void): FilesWorker {
  const worker = new Worker(scriptUrl(workerUrl), { type: "module", name: "files" });
  const waiting = new Map<number, Waiting>();
  let last = 0;
  worker.addEventListener("message", ({ data: report }: MessageEvent<Report>) => {
    if (!("job" in report)) {
      heard(report);
      return;
    }
    const asked = waiting.get(report.job);
    if (report.type === "fetching") asked?.progress(report.progress);
    else waiting.delete(report.job);
    if (report.type === "fetched") asked?.resolve(report.content);
    if (report.type === "unfetched") asked?.reject(new NotFetched(report.reason));
  });
  const order = (order: Order) => worker.postMessage(order);
  order({ type: "open", account });
  return {
    order,
    fetch: (file, as, progress, signal) =>
      new Promise((resolve, reject) => {
        last += 1;
        const job = last;
        waiting.set(job, { resolve, reject, progress });
        signal.addEventListener("abort", () => {
          if (!waiting.delete(job)) return;
          order({ type: "drop", job });
          reject(new DOMException("given up", "AbortError"));
        });
        order({ type: "fetch", job, file, as });
      }),
    stop: () => worker.terminate(),
  };
}
