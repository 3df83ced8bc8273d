import { useState } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";

import { InvitePeople, PeoplePage } from "@/features/people";
import { cn } from "@/lib/cn";

import { Rail } from "./rail";

/** Rail and pane. On a phone one of them at a time: the rail is the page "/". */
export function Frame() {
  const [path] = useLocation();
  const [inviting, setInviting] = useState(false);
  const invite = () => setInviting(true);
  const home = path === "/";
  return (
    <div className="flex h-full">
      <Rail
        onInvite={invite}
        className={cn("md:flex md:w-19 lg:w-76", home ? "flex w-full" : "hidden")}
      />
      <div className={cn("min-w-0 flex-1 md:block", home ? "hidden" : "block")}>
        <Switch>
          <Route path="/people">
            <PeoplePage onInvite={invite} />
          </Route>
          <Route path="/">{null}</Route>
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
      </div>
      <InvitePeople open={inviting} onOpenChange={setInviting} />
    </div>
  );
}
