// What is looked at besides the relay: the page, the server, the devices.

import { get } from "@/lib/api";
import { scriptUrl } from "@/lib/trusted";
import { type Status, SUBPROTOCOL } from "@/protocol/wire";

import { judgeCertificate, judgeDevice, judgeServer, type Outcome, type Permission } from "./outcome";

export function secure(): Outcome {
  return globalThis.isSecureContext ? { verdict: "ok", code: "secure" } : { verdict: "fail", code: "insecure" };
}

/** Browsers start no service worker for a certificate that somebody only agreed to. */
export async function certificate(): Promise<Outcome> {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return judgeCertificate(location.protocol, null);
  try {
    await serviceWorker.register(scriptUrl("/sw.js"), { scope: "/", updateViaCache: "none" });
    return judgeCertificate(location.protocol, true);
  } catch (error) {
    const known = !(error instanceof DOMException && /certificate|SSL/i.test(error.message));
    return judgeCertificate(location.protocol, known);
  }
}

export async function server(signal: AbortSignal): Promise<Outcome> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    // The first may have to connect.
    await get<Status>("/status", patience);
    const begun = performance.now();
    await get<Status>("/status", patience);
    return judgeServer(performance.now() - begun);
  } catch {
    return judgeServer(null);
  }
}

/** A connection like that by which messages come, closed as soon as it is open. */
export function socket(signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws`, SUBPROTOCOL);
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      socket.close();
      resolve(outcome);
    };
    const blocked = () => end({ verdict: "fail", code: "socket_blocked" });
    const timer = setTimeout(blocked, PATIENCE_MS);
    socket.addEventListener("open", () => end({ verdict: "ok", code: "socket_opens" }));
    socket.addEventListener("error", blocked);
    signal.addEventListener("abort", blocked, { once: true });
  });
}

/** Looks without asking anybody for anything. */
export async function device(kind: "microphone" | "camera"): Promise<Outcome> {
  const { mediaDevices } = navigator;
  if (!globalThis.isSecureContext || !mediaDevices?.enumerateDevices) return { verdict: "fail", code: "device_unusable" };
  const input = kind === "microphone" ? "audioinput" : "videoinput";
  const devices = await mediaDevices.enumerateDevices().catch(() => []);
  return judgeDevice(
    devices.some((device) => device.kind === input),
    await permission(kind),
  );
}

async function permission(kind: "microphone" | "camera"): Promise<Permission> {
  try {
    const { state } = await navigator.permissions.query({ name: kind as PermissionName });
    return state;
  } catch {
    // Some browsers do not tell before they ask.
    return "unknown";
  }
}

const PATIENCE_MS = 8_000;
