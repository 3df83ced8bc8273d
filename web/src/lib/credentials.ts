// Registration, sign-in and change of password: the OPAQUE messages and the
// routes they travel on. The password itself goes to the worker and nowhere else.

import type {
  CheckReset,
  LoginFinish,
  LoginStart,
  LoginStarted,
  Name,
  PasswordFinish,
  PasswordStart,
  ReauthFinish,
  RegisterFinish,
  RegisterStart,
  RegisterStarted,
  ResetStart,
  Session,
  Ticket,
} from "@/protocol/wire";

import { post, RequestError } from "./api";
import { deviceName } from "./device-name";
import { prove } from "./opaque/proof";

export { warmUp } from "./opaque/proof";

/** Makes an account from a setup or invite link and signs this device in. */
export async function register(ticket: Ticket, name: Name, password: string): Promise<Session> {
  const { registration, record } = await makeRecord(password, (request) =>
    post<RegisterStarted>("/register/start", { ticket, name, request } satisfies RegisterStart),
  );
  return post<Session>("/register/finish", finish(registration, record));
}

/** Chooses a new password from a reset link and signs this device in, all others out. */
export async function resetPassword(link: CheckReset, password: string): Promise<Session> {
  const { registration, record } = await makeRecord(password, (request) =>
    post<RegisterStarted>("/reset/start", { ...link, request } satisfies ResetStart),
  );
  return post<Session>("/reset/finish", finish(registration, record));
}

/** Signs this device in. */
export async function logIn(name: Name, password: string): Promise<Session> {
  const { login, finalization } = await proveLogin(name, password);
  return post<Session>("/login/finish", {
    login,
    finalization,
    device_name: deviceName(),
  } satisfies LoginFinish);
}

/** Confirms the password of the account that is signed in; holds for five minutes. */
export async function confirmPassword(name: Name, password: string): Promise<void> {
  const { login, finalization } = await proveLogin(name, password);
  await post("/reauth/finish", { login, finalization } satisfies ReauthFinish);
}

/** Changes the password, soon after it was confirmed. */
export async function changePassword(password: string, signOutOthers: boolean): Promise<void> {
  const { registration, record } = await makeRecord(password, (request) =>
    post<RegisterStarted>("/password/start", { request } satisfies PasswordStart),
  );
  await post("/password/finish", {
    registration,
    record,
    sign_out_others: signOutOthers,
  } satisfies PasswordFinish);
}

type Blob = RegisterFinish["record"];

async function makeRecord(
  password: string,
  ask: (request: Blob) => Promise<RegisterStarted>,
): Promise<{ registration: Blob; record: Blob }> {
  const [request, state] = await step({ step: "start_registration", password }, 2);
  const started = await ask(request);
  const [record] = await step(
    {
      step: "finish_registration",
      password,
      state,
      response: started.response,
      server: started.server_id,
    },
    1,
  );
  return { registration: started.registration, record };
}

async function proveLogin(
  name: Name,
  password: string,
): Promise<{ login: Blob; finalization: Blob }> {
  const [request, state] = await step({ step: "start_login", password }, 2);
  const started = await post<LoginStarted>("/login/start", { name, request } satisfies LoginStart);
  const [finalization] = await step(
    {
      step: "finish_login",
      password,
      state,
      response: started.response,
      server: started.server_id,
    },
    1,
  );
  return { login: started.login, finalization };
}

function finish(registration: Blob, record: Blob): RegisterFinish {
  return { registration, record, device_name: deviceName() };
}

/** One step in the worker. A password that does not fit looks like the server's own refusal. */
async function step(question: Parameters<typeof prove>[0], parts: 1): Promise<[Blob]>;
async function step(question: Parameters<typeof prove>[0], parts: 2): Promise<[Blob, Blob]>;
async function step(question: Parameters<typeof prove>[0], parts: number): Promise<Blob[]> {
  const values = await prove(question);
  if (values?.length !== parts) throw new RequestError("unauthorized", "the password does not fit");
  return values as Blob[];
}
