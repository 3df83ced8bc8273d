// How the features reach the session of the page: the only React in here,
// because features may not know the app that provides it.

import { createContext, useContext } from "react";

import { useReadable } from "@/lib/use-readable";

import type { Session } from "./session";

/** Provided by the app for as long as somebody is signed in. */
export const SessionContext = createContext<Session | null>(null);

/** The session of this page. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("used outside of a session");
  return session;
}

/** Whether whoever is signed in is a guest. */
export function useVisiting(): boolean {
  const session = useSession();
  return useReadable(session.accounts).get(session.account)?.role === "guest";
}
