import { lazy, Suspense, useEffect } from "react";
import { Route, Switch, useLocation } from "wouter";

import { Door } from "@/components/door";
import { Button } from "@/components/ui/button";
import { TooltipProvider } from "@/components/ui/tooltip";
import { useWords } from "@/lib/i18n";
import { checkPath, otherDevicePath, privacyDoorPath } from "@/lib/paths";
import { findSession, signedIn, signedOut, signIn } from "@/lib/signed-in";
import { useReadable } from "@/lib/use-readable";
import type { Session } from "@/protocol/wire";

const Toaster = lazy(() => import("@/components/ui/toast").then((toasts) => ({ default: toasts.Toaster })));
const account = () => import("@/features/account");
const AlreadyIn = lazy(() => account().then((doors) => ({ default: doors.AlreadyIn })));
const CheckPage = lazy(() => import("@/features/check").then((check) => ({ default: check.CheckPage })));
const Forgot = lazy(() => account().then((doors) => ({ default: doors.Forgot })));
const JoinRoom = lazy(() => import("@/features/guests").then((guests) => ({ default: guests.JoinRoom })));
const Join = lazy(() => account().then((doors) => ({ default: doors.Join })));
const OtherDevice = lazy(() => import("@/features/approval").then((approval) => ({ default: approval.OtherDevice })));
const PrivacyDoor = lazy(() => import("@/features/security").then((security) => ({ default: security.PrivacyDoor })));
const Reset = lazy(() => account().then((doors) => ({ default: doors.Reset })));
const SetUp = lazy(() => account().then((doors) => ({ default: doors.SetUp })));
const Home = lazy(() => import("./home").then((inside) => ({ default: inside.Home })));
const SignedIn = lazy(() => import("./signed-in").then((inside) => ({ default: inside.SignedIn })));
const SignIn = lazy(() => account().then((doors) => ({ default: doors.SignIn })));
const VisitEnded = lazy(() => import("@/features/guests").then((guests) => ({ default: guests.VisitEnded })));

/** The whole client: who is here decides between the doors and the rooms. */
export function App() {
  return (
    <TooltipProvider delayDuration={500} skipDelayDuration={200}>
      <Suspense>
        <Switch>
          <Route path="/setup">
            <SetUpDoor />
          </Route>
          <Route path="/j/:link">{({ link }) => <JoinDoor key={link} link={link} />}</Route>
          <Route path={privacyDoorPath}>
            <PrivacyDoor />
          </Route>
          <Route path={checkPath}>
            <CheckDoor />
          </Route>
          <Route path={otherDevicePath}>
            <OtherDeviceDoor />
          </Route>
          <Route path="/forgot">
            <ForgotDoor />
          </Route>
          <Route path="/reset/:reset">{({ reset }) => <ResetDoor reset={reset} />}</Route>
          <Route>
            <Inside />
          </Route>
        </Switch>
      </Suspense>
      <Suspense>
        <Toaster />
      </Suspense>
    </TooltipProvider>
  );
}

/** After a new account or sign-in: into the first conversation. */
function useArrive(): (session: Session) => void {
  const [, navigate] = useLocation();
  return (session) => {
    navigate("/welcome", { replace: true });
    signedIn(session);
  };
}

function SetUpDoor() {
  const { account } = useWords();
  const arrive = useArrive();
  const who = useReadable(signIn);
  if (who.state === "in") return <AlreadyIn name={who.session.account.name} />;
  if (who.state === "out") {
    return (
      <Door title={account.setup.title} text={account.setup.done}>
        <ToSignIn />
      </Door>
    );
  }
  return <SetUp onDone={arrive} />;
}

function JoinDoor({ link }: { link: string }) {
  const arrive = useArrive();
  const who = useReadable(signIn);
  if (who.state !== "in") return <Join link={link} onDone={arrive} />;
  return (
    <SignedIn>
      <JoinRoom link={link} invited={<AlreadyIn name={who.session.account.name} />} />
    </SignedIn>
  );
}

function ResetDoor({ reset }: { reset: string }) {
  const arrive = useArrive();
  return <Reset reset={reset} onDone={arrive} />;
}

function ForgotDoor() {
  const arrive = useArrive();
  const who = useReadable(signIn);
  if (who.state === "in") return <AlreadyIn name={who.session.account.name} />;
  return <Forgot onDone={arrive} />;
}

/** For who is in, it is a page among the others; for who is not, one of its own. */
function CheckDoor() {
  const who = useReadable(signIn);
  if (who.state === "unknown") return null;
  if (who.state === "in") return <Home />;
  return (
    <main className="h-full">
      <CheckPage account={false} />
    </main>
  );
}

function OtherDeviceDoor() {
  const arrive = useArrive();
  const who = useReadable(signIn);
  if (who.state === "in") return <AlreadyIn name={who.session.account.name} />;
  return <OtherDevice onDone={arrive} />;
}

function Inside() {
  const { account, common } = useWords();
  const who = useReadable(signIn);
  const [path, navigate] = useLocation();
  const unreachable = who.state === "unreachable";

  useEffect(() => {
    if (!unreachable) return undefined;
    const timer = setInterval(() => void findSession(), RETRY_MS);
    return () => clearInterval(timer);
  }, [unreachable]);

  switch (who.state) {
    case "in":
      return <Home />;
    case "out":
      if (who.ended === "link_ended" || who.ended === "turned_away") {
        return <VisitEnded turnedAway={who.ended === "turned_away"} onSignIn={signedOut} />;
      }
      return (
        <SignIn
          ended={who.ended !== null}
          onDone={(session) => {
            if (path === "/sign-in") navigate("/welcome", { replace: true });
            signedIn(session);
          }}
        />
      );
    case "setup":
      return <Door title={account.setup.waiting.title} text={account.setup.waiting.text} />;
    case "unreachable":
      return (
        <Door title={common.unreachable.title} text={common.unreachable.text}>
          <Button onClick={() => void findSession()}>{common.retry}</Button>
        </Door>
      );
    case "unknown":
      return null;
  }
}

function ToSignIn() {
  const { account } = useWords();
  const [, navigate] = useLocation();
  return (
    <Button size="lg" onClick={() => navigate("/sign-in")}>
      {account.signIn.action}
    </Button>
  );
}

const RETRY_MS = 5_000;
