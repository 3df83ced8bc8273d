import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Devices } from "./devices";
import { LocalMedia } from "./local";

let answers: (() => Promise<unknown>)[];
let asked: MediaStreamConstraints[];
let plug: () => void;

beforeEach(() => {
  answers = [];
  asked = [];
  const listeners = new Set<() => void>();
  plug = () => listeners.forEach((listener) => listener());
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getUserMedia: (constraints: MediaStreamConstraints) => {
        asked.push(constraints);
        return (answers.shift() ?? (() => Promise.resolve(stream())))();
      },
      enumerateDevices: () => Promise.resolve([]),
      addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    },
  });
});

afterEach(() => vi.unstubAllGlobals());

test("muting keeps the microphone and sends nothing of it", async () => {
  const local = new LocalMedia(new Devices(null));
  await local.microphone.start();
  local.setMuted(true);
  expect(local.microphone.track?.enabled).toBe(false);
  local.setMuted(false);
  expect(local.microphone.track?.enabled).toBe(true);
});

test("a microphone that comes while muted is muted", async () => {
  const local = new LocalMedia(new Devices(null));
  local.setMuted(true);
  await local.microphone.start();
  expect(local.microphone.track?.enabled).toBe(false);
});

test("camera off lets the camera go", async () => {
  const local = new LocalMedia(new Devices(null));
  await local.camera.start();
  const track = local.camera.track;
  local.setCamera(false);
  expect(track?.readyState).toBe("ended");
  expect(local.camera.state.snapshot()).toEqual({ type: "off" });
});

test("a camera that answers after it was switched off is let go at once", async () => {
  let answer: (stream: unknown) => void = () => undefined;
  answers.push(() => new Promise((resolve) => (answer = resolve)));
  const local = new LocalMedia(new Devices(null));
  const starting = local.camera.start();
  local.setCamera(false);
  const coming = stream();
  answer(coming);
  await starting;
  expect(coming.track.readyState).toBe("ended");
  expect(local.camera.state.snapshot()).toEqual({ type: "off" });
});

test.each([
  ["NotAllowedError", "Permission denied", "refused"],
  ["NotAllowedError", "Permission denied by system", "blocked"],
  ["NotFoundError", "", "missing"],
  ["NotReadableError", "", "busy"],
] as const)("%s (%s) is %s", async (name, message, problem) => {
  answers.push(() => Promise.reject(new DOMException(message, name)));
  const local = new LocalMedia(new Devices(null));
  await local.microphone.start();
  expect(local.microphone.state.snapshot()).toEqual({ type: "problem", problem });
});

test("a page without HTTPS says so before asking", async () => {
  vi.stubGlobal("isSecureContext", false);
  const local = new LocalMedia(new Devices(null));
  await local.camera.start();
  expect(local.camera.state.snapshot()).toEqual({ type: "problem", problem: "insecure" });
  expect(asked).toEqual([]);
});

test("a camera that was not there is used when it is plugged in", async () => {
  answers.push(() => Promise.reject(new DOMException("", "NotFoundError")));
  const local = new LocalMedia(new Devices(null));
  await local.camera.start();
  plug();
  await vi.waitFor(() => expect(local.camera.state.snapshot().type).toBe("on"));
});

test("a remembered device that is gone gives way to what there is", async () => {
  const memory = new Map([["callbox.devices", JSON.stringify({ camera: { id: "old", label: "Old" } })]]);
  const devices = new Devices({ getItem: (key) => memory.get(key) ?? null, setItem: () => undefined });
  answers.push(() => Promise.reject(new DOMException("", "OverconstrainedError")));
  const local = new LocalMedia(devices);
  await local.camera.start();
  expect(asked.map(({ video }) => (video as MediaTrackConstraints).deviceId)).toEqual([{ exact: "old" }, undefined]);
  expect(local.camera.state.snapshot().type).toBe("on");
});

/** What a device gives: a stream of one track. */
function stream() {
  const track = {
    readyState: "live",
    enabled: true,
    onended: null,
    contentHint: "",
    stop: () => {
      track.readyState = "ended";
    },
  };
  return { track, getTracks: () => [track] };
}
