// The end of every way in by an existing account's keys: this device is in the
// account's record, or the session that was begun is given up.

import { get, post, put, RequestError } from "@/lib/api";
import type { Keys, PutKeys, Session, SignedRecord } from "@/protocol/wire";

import { vaultOf } from "./smith";

/** The keys come into this browser by `open`, and this device into the account's record. */
export async function arriveWithKeys(
  session: Session,
  keys: Keys,
  open: (stored: Keys) => Promise<SignedRecord | null>,
): Promise<Session> {
  try {
    for (let stored = keys; ; stored = await get<Keys>("/keys")) {
      const record = await open(stored);
      if (!record || (await listed({ record }))) break;
    }
  } catch (error) {
    // A session without keys is no use to anybody.
    await post("/logout").catch(() => {});
    throw error;
  }
  await vaultOf(session.account.id).settle();
  return session;
}

/** False when another device has changed the record in between. */
async function listed(body: PutKeys): Promise<boolean> {
  try {
    await put("/keys", body);
    return true;
  } catch (error) {
    if (error instanceof RequestError && error.code === "conflict") return false;
    throw error;
  }
}
