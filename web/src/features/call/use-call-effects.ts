// What a call does to the page around it: the title rings, the keys work, the
// screen stays awake, the bar hides when nobody moves.

import { type RefObject, useEffect, useState } from "react";

import type { CurrentCall } from "@/media";
import { canShareScreen } from "@/media";

/** Shows a text in the title of the page, in turns with what is there. */
export function useRingingTitle(text: string | null): void {
  useEffect(() => {
    if (text === null) return undefined;
    const before = document.title;
    document.title = text;
    const timer = setInterval(() => {
      document.title = document.title === text ? before : text;
    }, TITLE_MS);
    return () => {
      clearInterval(timer);
      document.title = before;
    };
  }, [text]);
}

/** Keeps the screen from going dark. */
export function useWakeLock(active: boolean): void {
  useEffect(() => {
    if (!active || !("wakeLock" in navigator)) return undefined;
    let lock: WakeLockSentinel | null = null;
    let over = false;
    const take = () => {
      if (document.visibilityState !== "visible") return;
      navigator.wakeLock.request("screen").then(
        (taken) => {
          if (over) void taken.release();
          else lock = taken;
        },
        // A device that saves energy says no.
        () => undefined,
      );
    };
    take();
    document.addEventListener("visibilitychange", take);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", take);
      void lock?.release();
    };
  }, [active]);
}

/** M, V and S, and Ctrl+D and Ctrl+E as in other call programs. */
export function useShortcuts(call: CurrentCall | null): void {
  useEffect(() => {
    if (!call) return undefined;
    const press = (event: KeyboardEvent) => {
      const { stage } = call.state.snapshot();
      if (stage.type === "ended" || event.defaultPrevented || event.repeat) return;
      const action = actionOf(event);
      if (!action || (action === "share" && (stage.type !== "active" || !canShareScreen()))) return;
      event.preventDefault();
      const { muted, microphone, camera, screen } = call.local.state.snapshot();
      if (action === "mute") call.local.setMuted(!muted && microphone.type !== "problem");
      if (action === "camera") call.local.setCamera(camera.type !== "on");
      if (action === "share") call.local.setScreen(screen.type !== "on");
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [call]);
}

function actionOf(event: KeyboardEvent): "mute" | "camera" | "share" | undefined {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    return key === "d" ? "mute" : key === "e" ? "camera" : undefined;
  }
  if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return undefined;
  return key === "m" ? "mute" : key === "v" ? "camera" : key === "s" ? "share" : undefined;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Whether nobody has moved the mouse here for a while. Fingers and keys never count as idle. */
export function useIdle(ref: RefObject<HTMLElement | null>, active: boolean): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!active || !element || !matchMedia("(hover: hover)").matches) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    const stir = () => {
      setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIdle(!element.querySelector(":focus-visible")), IDLE_MS);
    };
    const events = ["pointermove", "pointerdown", "keydown", "focusin"] as const;
    for (const name of events) element.addEventListener(name, stir);
    stir();
    return () => {
      clearTimeout(timer);
      for (const name of events) element.removeEventListener(name, stir);
    };
  }, [ref, active]);
  return active && idle;
}

/** Whether a loudness has been above silence lately. */
export function useSpeaking(loudness: () => number): boolean {
  const [speaking, setSpeaking] = useState(false);
  useEffect(() => {
    let until = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      if (loudness() > SPEECH) until = now + HOLD_MS;
      setSpeaking(now < until);
    }, LISTEN_MS);
    return () => clearInterval(timer);
  }, [loudness]);
  return speaking;
}

const TITLE_MS = 1_200;
const IDLE_MS = 4_000;
const LISTEN_MS = 150;
const HOLD_MS = 700;
const SPEECH = 0.015;
