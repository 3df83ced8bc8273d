import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Account, AccountId } from "@/protocol/wire";
import { Session, SessionContext } from "@/session";
import { MemoryStorage } from "@/session/storage";
import { annasVault, FakeServer, signedIn } from "@/session/testing/fake-server";

import { PeoplePicker } from "./people-picker";

const people = ["Cléo", "Anna", "Ben", "Benedikt"].map(
  (name): Account => ({ id: name as AccountId, name, avatar: null, role: "member", disabled: false, record: 1 }),
);
let root: Root;
let picked: string[];

beforeEach(async () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  picked = [];
  const session = new Session(signedIn, annasVault(), new FakeServer(), new MemoryStorage());
  root = createRoot(document.body.appendChild(document.createElement("div")));
  const gone: Account = { ...(people[0] as Account), id: "gone" as AccountId, name: "Bea", disabled: true };
  await act(async () =>
    root.render(
      <SessionContext value={session}>
        <PeoplePicker people={[...people, gone]} onPick={({ name }) => picked.push(name)} />
      </SessionContext>,
    ),
  );
});

afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
});

function field(): HTMLInputElement {
  const element = document.querySelector("input");
  if (!element) throw new Error("no field");
  return element;
}

async function type(text: string): Promise<void> {
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value") ?? {};
  await act(async () => {
    set?.call(field(), text);
    field().dispatchEvent(new Event("input", { bubbles: true }));
  });
}

async function press(key: string): Promise<void> {
  await act(async () => field().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
}

const names = () => [...document.querySelectorAll("[role=option] bdi")].map((option) => option.textContent);
const active = () =>
  document.getElementById(field().getAttribute("aria-activedescendant") ?? "")?.querySelector("bdi")?.textContent;

describe("the people picker", () => {
  test("shows people by name, without those who are disabled", () => {
    expect(names()).toEqual(["Anna", "Ben", "Benedikt", "Cléo"]);
  });

  test("arrows move around, Enter picks", async () => {
    expect(active()).toBe("Anna");
    await press("ArrowDown");
    expect(active()).toBe("Ben");
    await press("ArrowUp");
    await press("ArrowUp");
    expect(active()).toBe("Cléo");
    await press("Enter");
    expect(picked).toEqual(["Cléo"]);
  });

  test("a search narrows, and begins at its first", async () => {
    await press("ArrowDown");
    await press("ArrowDown");
    await type("BEN");
    expect(names()).toEqual(["Ben", "Benedikt"]);
    expect(active()).toBe("Ben");
    await press("Enter");
    expect(picked).toEqual(["Ben"]);
  });

  test("who is not found is said, and Enter picks nobody", async () => {
    await type("zoe");
    expect(names()).toEqual([]);
    await press("Enter");
    expect(picked).toEqual([]);
  });
});
