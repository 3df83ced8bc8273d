// The page's end of the worker for files.

import type { SealedFile } from "@/crypto/file-content";
import { scriptUrl } from "@/lib/trusted";
import type { AccountId, FileId } from "@/protocol/wire";

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
  /** Whether an upload is still kept on this device, and will be reported anew after a reload. */
  keeps(id: FileId): Promise<boolean>;
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
  const asked = new Map<number, (kept: boolean) => void>();
  let last = 0;
  worker.addEventListener("message", ({ data: report }: MessageEvent<Report>) => {
    if (!("job" in report)) {
      heard(report);
      return;
    }
    const { job } = report;
    const fetch = waiting.get(job);
    if (report.type === "fetching") fetch?.progress(report.progress);
    else waiting.delete(job);
    if (report.type === "fetched") fetch?.resolve(report.content);
    if (report.type === "unfetched") fetch?.reject(new NotFetched(report.reason));
    if (report.type === "kept") {
      asked.get(job)?.(report.kept);
      asked.delete(job);
    }
  });
  const order = (order: Order) => worker.postMessage(order);
  order({ type: "open", account });
  return {
    order,
    keeps: (id) =>
      new Promise((resolve) => {
        last += 1;
        asked.set(last, resolve);
        order({ type: "kept", job: last, id });
      }),
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
