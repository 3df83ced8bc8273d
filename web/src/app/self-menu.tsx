import { LogOut, Server, Settings } from "lucide-react";
import type { ReactNode } from "react";
import { useLocation } from "wouter";

import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { useWords } from "@/lib/i18n";
import { ownerPath } from "@/lib/paths";
import { useReadable } from "@/lib/use-readable";
import { useSession, useVisiting } from "@/session";

import { signOut } from "./sign-out";

/** What somebody can do about themselves; opened by its child. */
export function SelfMenu({ children }: { children: ReactNode }) {
  const { settings } = useWords();
  const session = useSession();
  // A guest does not come back: leaving is asked about in the settings.
  const visiting = useVisiting();
  const owner = useReadable(session.accounts).get(session.account)?.role === "owner";
  const [, navigate] = useLocation();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>{children}</DropdownMenuTrigger>
      <DropdownMenuContent side="top" align="start" className="min-w-56">
        <DropdownMenuItem onSelect={() => navigate("/settings/profile")}>
          <Settings aria-hidden />
          {settings.title}
        </DropdownMenuItem>
        {owner && (
          <DropdownMenuItem onSelect={() => navigate(ownerPath)}>
            <Server aria-hidden />
            {settings.pages.server}
          </DropdownMenuItem>
        )}
        {!visiting && (
          <>
            <DropdownMenuSeparator />
            <DropdownMenuItem onSelect={() => void signOut(session)}>
              <LogOut aria-hidden />
              {settings.signOut}
            </DropdownMenuItem>
          </>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
