// The page's end of the password worker. The worker starts with the first
// question and ends after a while without any, which frees its memory.

import { scriptUrl } from "@/lib/trusted";

import type { OpaqueAnswer, OpaqueStep } from "./messages";
import workerUrl from "./worker?worker&url";

interface Waiting {
  resolve(value: readonly string[] | null): void;
  reject(error: Error): void;
}

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let idle: ReturnType<typeof setTimeout> | undefined;
let last = 0;

/** Starts the worker early, so that it is ready when the form is sent. */
export function warmUp(): void {
  start();
  rest();
}

/** Does one step of the protocol; null when the password does not fit. */
export function prove(step: OpaqueStep): Promise<readonly string[] | null> {
  clearTimeout(idle);
  last += 1;
  const id = last;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    start().postMessage({ ...step, id });
  });
}

function start(): Worker {
  if (worker) return worker;
  const started = new Worker(scriptUrl(workerUrl), { type: "module", name: "password" });
  started.addEventListener("message", (event: MessageEvent<OpaqueAnswer>) => answered(event.data));
  started.addEventListener("error", () => {
    for (const { reject } of waiting.values()) reject(new Error("the password worker stopped"));
    waiting.clear();
    end();
  });
  worker = started;
  return started;
}

function answered(answer: OpaqueAnswer): void {
  const asked = waiting.get(answer.id);
  waiting.delete(answer.id);
  if ("failed" in answer) asked?.reject(new Error(answer.failed));
  else asked?.resolve(answer.value);
  if (waiting.size === 0) rest();
}

function rest(): void {
  clearTimeout(idle);
  idle = setTimeout(end, IDLE_MS);
}

function end(): void {
  worker?.terminate();
  worker = undefined;
}

const IDLE_MS = 60_000;
