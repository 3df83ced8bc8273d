// What the page and the password worker say to each other.

interface Finish {
  state: string;
  response: string;
  /** The OPAQUE server identity. */
  server: string;
}

type Step =
  | { step: "start_registration" }
  | ({ step: "finish_registration" } & Finish)
  | { step: "start_login" }
  | ({ step: "finish_login" } & Finish);

export type OpaqueStep = Step & { password: string };

export type OpaqueQuestion = OpaqueStep & { id: number };

/** `null`: the password does not fit. */
export type OpaqueAnswer =
  | { id: number; value: readonly string[] | null }
  | { id: number; failed: string };
