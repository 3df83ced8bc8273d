import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { Session, SessionContext } from "@/session";
import { MemoryStorage } from "@/session/storage";
import { annasVault, EVERYONE, FakeServer, signedIn } from "@/session/testing/fake-server";

import { Composer } from "./composer";

let root: Root;
let session: Session;
let storage: MemoryStorage;
let sent: number;

beforeEach(async () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  storage = new MemoryStorage();
  session = new Session(signedIn, annasVault(), new FakeServer(), storage);
  sent = 0;
  await show();
});

afterEach(async () => {
  await act(async () => root.unmount());
  session.stop();
  document.body.replaceChildren();
});

async function show(): Promise<void> {
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () =>
    root.render(
      <SessionContext value={session}>
        <Composer conversation={EVERYONE} placeholder="" onSent={() => (sent += 1)} />
      </SessionContext>,
    ),
  );
}

function field(): HTMLTextAreaElement {
  const element = document.querySelector("textarea");
  if (!element) throw new Error("no field");
  return element;
}

async function type(text: string): Promise<void> {
  const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value") ?? {};
  await act(async () => {
    set?.call(field(), text);
    field().dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/** Presses Enter; says whether the browser would still break the line. */
async function enter(options: KeyboardEventInit = {}): Promise<boolean> {
  const event = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...options });
  await act(async () => field().dispatchEvent(event));
  return !event.defaultPrevented;
}

const texts = () => session.outbox.of(EVERYONE).snapshot().map(({ text }) => text);

describe("the composer", () => {
  test("Enter sends, and the field is empty for the next one", async () => {
    await type("  hello  ");
    expect(await enter()).toBe(false);
    expect(texts()).toEqual(["hello"]);
    expect(field().value).toBe("");
    expect(sent).toBe(1);
  });

  test("Shift+Enter breaks the line", async () => {
    await type("hello");
    expect(await enter({ shiftKey: true })).toBe(true);
    expect(texts()).toEqual([]);
  });

  test("Enter that ends the composition of a word does not send", async () => {
    await type("こん");
    await enter({ isComposing: true });
    await enter({ keyCode: 229 });
    expect(texts()).toEqual([]);
  });

  test("nothing is not sent", async () => {
    await type(" \n ");
    expect(await enter()).toBe(false);
    expect(texts()).toEqual([]);
    expect(document.querySelector("button")?.disabled).toBe(true);
  });

  test("what is too long says so and stays", async () => {
    const long = "a".repeat(50_000);
    await type(long);
    await enter();
    expect(texts()).toEqual([]);
    expect(field().value).toBe(long);
    expect(document.querySelector("[role=alert]")).not.toBeNull();
  });

  test("a draft is there again, and gone when it was sent", async () => {
    await type("half a thought");
    await act(async () => root.unmount());
    expect(await storage.draft(EVERYONE)).toBe("half a thought");
    await show();
    expect(field().value).toBe("half a thought");
    await enter();
    await act(async () => root.unmount());
    expect(await storage.draft(EVERYONE)).toBe("");
  });
});
