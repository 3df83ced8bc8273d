// What somebody gives to show that it is them, where a change asks for it: the
// password, or a passkey.

import { confirmPassword } from "@/lib/credentials";

import { confirmByPasskey } from "./passkeys";
import type { Owner, Proof } from "./smith";

/** The password as it was typed, or that a passkey is to be asked for. */
export type Given = { readonly password: string } | "passkey";

/** Proves it to the server, for five minutes. Rejects with `unauthorized` when it is not right. */
export async function proofOf({ account, name }: Owner, given: Given): Promise<Proof> {
  if (given === "passkey") return confirmByPasskey(account);
  return { type: "password", exportKey: await confirmPassword(name, given.password) };
}
