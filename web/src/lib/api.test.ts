import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { del, get, patch, post, put, RequestError, whenSignedOut } from "./api";

const fetched = vi.fn<typeof fetch>();

beforeEach(() => vi.stubGlobal("fetch", fetched));
afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockReset();
});

function answer(status: number, body: string): void {
  fetched.mockResolvedValueOnce(new Response(status === 204 ? null : body, { status }));
}

async function failureOf(work: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await work.then(
    () => expect.fail("it did not fail"),
    (cause: unknown) => cause,
  );
  if (!(error instanceof RequestError)) throw error;
  return error;
}

function lastHeaders(): Headers {
  return new Headers(fetched.mock.lastCall?.[1]?.headers);
}

test("what changes something carries the header and the content type that the server demands", async () => {
  answer(200, "{}");
  await post("/logout");
  expect(fetched.mock.lastCall?.[0]).toBe("/api/v1/logout");
  expect(lastHeaders().get("x-callbox")).toBe("1");
  expect(lastHeaders().get("content-type")).toBe("application/json");
  expect(fetched.mock.lastCall?.[1]?.body).toBe("{}");

  answer(204, "");
  await del("/devices/x");
  expect(lastHeaders().get("x-callbox")).toBe("1");

  answer(200, "{}");
  await put("/account/avatar", new Blob(["x"], { type: "image/webp" }));
  expect(lastHeaders().get("content-type")).toBe("image/webp");

  answer(200, "{}");
  await get("/session");
  expect(lastHeaders().has("x-callbox")).toBe(false);
});

test("the server's error becomes one with its code and delay", async () => {
  answer(429, '{"error":{"code":"rate_limited","detail":"slow","retry_ms":90000}}');
  expect(await failureOf(post("/login/start"))).toMatchObject({
    code: "rate_limited",
    retry_ms: 90_000,
  });
});

test.each([
  [502, "<html>bad gateway</html>", "offline"],
  [503, "busy", "unavailable"],
  [413, "", "too_large"],
  [429, '{"error":"of a proxy"}', "rate_limited"],
])("an answer that is not ours, status %i, is %s", async (status, body, code) => {
  answer(status, body);
  expect((await failureOf(get("/session"))).code).toBe(code);
});

test("no network, a broken answer and one that is not JSON are all offline", async () => {
  fetched.mockRejectedValueOnce(new TypeError("failed"));
  expect((await failureOf(get("/devices"))).code).toBe("offline");
  answer(200, "<html>");
  expect((await failureOf(get("/devices"))).code).toBe("offline");
});

test("being signed out is told once it shows, but not by a wrong password", async () => {
  const out = vi.fn();
  whenSignedOut(out);
  const refusal = '{"error":{"code":"unauthorized","detail":""}}';
  for (const path of ["/login/finish", "/reauth/finish", "/passkeys/finish", "/passkeys/confirm", "/session"]) {
    answer(401, refusal);
    await failureOf(path === "/session" ? get(path) : post(path));
  }
  expect(out).not.toHaveBeenCalled();
  answer(401, refusal);
  await failureOf(patch("/account", {}));
  expect(out).toHaveBeenCalledOnce();
});
