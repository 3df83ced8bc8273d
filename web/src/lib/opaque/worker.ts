// Passwords become proofs here, off the page's thread: Argon2id takes half a
// second and 64 MiB. Loaded only where a password is asked for.

import { client, ready } from "@serenity-kit/opaque";

import type { OpaqueAnswer, OpaqueQuestion } from "./messages";

/** The stretching named by `ksf_id` 1. A constant: weaker ones are never accepted from a server. */
const keyStretching = {
  "argon2id-custom": { memory: 64 * 1024, iterations: 3, parallelism: 1 },
} as const;

addEventListener("message", (event: MessageEvent<OpaqueQuestion>) => {
  void answer(event.data);
});

async function answer(question: OpaqueQuestion): Promise<void> {
  try {
    await ready;
    postMessage({ id: question.id, value: work(question) } satisfies OpaqueAnswer);
  } catch (error) {
    const failed = error instanceof Error ? error.message : "failed";
    postMessage({ id: question.id, failed } satisfies OpaqueAnswer);
  }
}

/** What goes on the wire, then what stays: the state of the first half, the export key of the second. Null when the proof fails. */
function work(question: OpaqueQuestion): readonly string[] | null {
  const { password } = question;
  switch (question.step) {
    case "start_registration": {
      const made = client.startRegistration({ password });
      return [made.registrationRequest, made.clientRegistrationState];
    }
    case "finish_registration": {
      const made = client.finishRegistration({
        ...bound(question),
        clientRegistrationState: question.state,
        registrationResponse: question.response,
      });
      return [made.registrationRecord, made.exportKey];
    }
    case "start_login": {
      const made = client.startLogin({ password });
      return [made.startLoginRequest, made.clientLoginState];
    }
    case "finish_login": {
      const made = client.finishLogin({
        ...bound(question),
        clientLoginState: question.state,
        loginResponse: question.response,
      });
      return made ? [made.finishLoginRequest, made.exportKey] : null;
    }
  }
}

/** What both second halves bind a password to. */
function bound({ password, server }: Extract<OpaqueQuestion, { server: string }>) {
  return { password, identifiers: { server }, keyStretching };
}
