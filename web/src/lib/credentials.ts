// Passwords: the OPAQUE messages and the routes they travel on. The password
// itself goes to the worker and nowhere else; what comes back beside the proof is
// the export key, which opens the account's keys and never leaves this browser.

import type { Blob, LoginStart, LoginStarted, Name, PasswordStarted, ReauthFinish } from "@/protocol/wire";

import { post, RequestError } from "./api";
import { prove } from "./opaque/proof";

export { warmUp } from "./opaque/proof";

/** What a password gives beside the proof of it. */
export type ExportKey = string & { readonly brand: "ExportKey" };

/** A new password, as the server keeps it, and what it opens. */
export interface NewPassword<T> {
  readonly started: T;
  readonly record: Blob;
  readonly exportKey: ExportKey;
}

/** Registers a password; `ask` carries the first message to whatever asks for one. */
export async function registerPassword<T extends PasswordStarted>(
  password: string,
  ask: (request: Blob) => Promise<T>,
): Promise<NewPassword<T>> {
  const [request, state] = await step({ step: "start_registration", password });
  const started = await ask(request as Blob);
  const { response, server_id: server } = started;
  const [record, exportKey] = await step({ step: "finish_registration", password, state, response, server });
  return { started, record: record as Blob, exportKey: exportKey as ExportKey };
}

/** Proves a password; rejects with `unauthorized` when it is not the one. */
export async function provePassword(
  name: Name,
  password: string,
): Promise<ReauthFinish & { readonly exportKey: ExportKey }> {
  const [request, state] = await step({ step: "start_login", password });
  const body: LoginStart = { name, request: request as Blob };
  const { login, response, server_id: server } = await post<LoginStarted>("/login/start", body);
  const [finalization, exportKey] = await step({ step: "finish_login", password, state, response, server });
  return { login, finalization: finalization as Blob, exportKey: exportKey as ExportKey };
}

/** Confirms the password of the account that is signed in; holds for five minutes. */
export async function confirmPassword(name: Name, password: string): Promise<ExportKey> {
  const { exportKey, ...proof } = await provePassword(name, password);
  await post("/reauth/finish", proof satisfies ReauthFinish);
  return exportKey;
}

/** One step in the worker. A password that does not fit looks like the server's own refusal. */
async function step(question: Parameters<typeof prove>[0]): Promise<[string, string]> {
  const values = await prove(question);
  if (values?.length !== 2) throw new RequestError("unauthorized", "the password does not fit");
  return values as [string, string];
}
