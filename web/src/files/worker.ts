// Files are sealed, sent, fetched and opened here, off the page's thread.

import { openSealed, serverApi } from "./api";
import { FetchFailed, fetchFile } from "./downloads";
import type { Order, Report } from "./messages";
import { openStaging } from "./staging";
import { Uploads } from "./uploads";

let opening: Promise<Uploads> | undefined;
const downloads = new Map<number, AbortController>();

addEventListener("message", (event: MessageEvent<Order>) => void obey(event.data));
addEventListener("online", () => void opening?.then((uploads) => uploads.wake()));

async function obey(order: Order): Promise<void> {
  switch (order.type) {
    case "open": {
      const staging = openStaging(order.account);
      opening = staging.then((staging) => new Uploads({ api: serverApi, staging, report, claim, pause }));
      await (await opening).restore();
      return (await opening).sweep();
    }
    case "add":
      return (await opening)?.add(order);
    case "cancel":
      return (await opening)?.cancel(order.id);
    case "retry":
      return (await opening)?.retry(order.id);
    case "forget":
      return (await opening)?.forget(order.id);
    case "wake":
      return (await opening)?.wake();
    case "kept":
      return report({ type: "kept", job: order.job, kept: (await (await opening)?.keeps(order.id)) ?? false });
    case "fetch":
      return fetchOne(order);
    case "drop":
      downloads.get(order.job)?.abort();
  }
}

async function fetchOne({ job, file, as }: Extract<Order, { type: "fetch" }>): Promise<void> {
  const abort = new AbortController();
  downloads.set(job, abort);
  const progress = (part: number) => report({ type: "fetching", job, progress: part });
  try {
    const content = await fetchFile(file, as, { open: openSealed, pause, progress }, abort.signal);
    report({ type: "fetched", job, content });
  } catch (error) {
    const reason = error instanceof FetchFailed ? error.reason : "offline";
    report({ type: "unfetched", job, reason });
  } finally {
    downloads.delete(job);
  }
}

function report(report: Report): void {
  postMessage(report);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Among all tabs of this browser. After a reload the page before may need a moment to let go. */
function claim(id: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const held = new Promise<void>((release) => {
      const granted = () => {
        resolve(release);
        return held;
      };
      const signal = AbortSignal.timeout(CLAIM_MS);
      navigator.locks.request(`callbox-upload-${id}`, { signal }, granted).catch(() => resolve(null));
    });
  });
}

const CLAIM_MS = 3_000;
