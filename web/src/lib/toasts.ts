/** Short notices at the corner of the screen, shown from anywhere. */
import { Cell, type Readable } from "./readable";

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "error";
  action?: { label: string; run(): void };
}

const current = new Cell<readonly Toast[]>([]);
let last = 0;

/** The notices on screen, oldest first. */
export const toasts: Readable<readonly Toast[]> = current;

/** Shows a notice; of more than three the oldest makes room. */
export function toast(text: string, options: Partial<Pick<Toast, "tone" | "action">> = {}): void {
  last += 1;
  const added: Toast = { id: last, text, tone: "plain", ...options };
  current.set([...current.snapshot().slice(-2), added]);
}

/** Takes a notice away. */
export function dismissToast(id: number): void {
  current.set(current.snapshot().filter((other) => other.id !== id));
}
