// When to look for a new way through the network, and when to give up. Only
// time and the state of the connection count here.

import { Cell, type Readable } from "@/lib/readable";

import type { Connection } from "./peer";

/** How the connection for media looks to a person. */
export type Reach = "connecting" | "connected" | "reconnecting";

/** What can be recovered from. */
type Reachable = Exclude<Connection, "insecure">;

/** Who recovers. */
export interface Recoverable {
  /** Whether a restart could reach the other side now. */
  readonly canRestart: () => boolean;
  readonly restart: () => void;
  readonly giveUp: () => void;
}

/** Watches a connection and brings it back. */
export class Recovery {
  readonly #user: Recoverable;
  readonly #reach = new Cell<Reach>("connecting");
  #state: Reachable = "connecting";
  /** The network changed when no restart was possible. */
  #suspect = false;
  #next: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(user: Recoverable) {
    this.#user = user;
  }

  get reach(): Readable<Reach> {
    return this.#reach;
  }

  /** Begins to wait for the first connection. */
  start(): void {
    this.#deadline ??= setTimeout(() => this.#user.giveUp(), DEADLINE_MS);
    this.#schedule(FIRST_MS);
  }

  /** Takes in how the connection is doing. */
  look(state: Reachable): void {
    if (state === this.#state && state !== "failed") return;
    this.#state = state;
    if (state === "connected") return this.#recovered();
    if (this.#reach.snapshot() === "connected") this.#reach.set("reconnecting");
    this.#deadline ??= setTimeout(() => this.#user.giveUp(), DEADLINE_MS);
    // "Disconnected" often heals by itself, "failed" never does.
    if (state === "failed") this.#restart();
    else if (state === "disconnected") this.#schedule(PATIENCE_MS);
  }

  /** The old way may be gone even where it still looks well. */
  networkChanged(): void {
    this.#restart();
  }

  /** Signals can pass again. */
  signallingBack(): void {
    if (this.#state !== "connected" || this.#suspect) this.#restart();
  }

  stop(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #recovered(): void {
    this.stop();
    this.#reach.set("connected");
  }

  #restart(): void {
    const can = this.#user.canRestart();
    this.#suspect = !can;
    if (can) this.#user.restart();
    this.#schedule(AGAIN_MS);
  }

  #schedule(delay: number): void {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => {
      if (this.#state !== "connected") this.#restart();
    }, delay);
  }
}

const DEADLINE_MS = 30_000;
const PATIENCE_MS = 2_500;
/** The first connection may take a while over TCP and a slow network. */
const FIRST_MS = 10_000;
const AGAIN_MS = 7_000;
