import { CloudOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";

import { Button } from "@/components/ui/button";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import { useSession } from "@/session";

/** Says calmly that there is no connection, or that the page is too old for the server. */
export function OfflineBar() {
  const { offline } = useWords().chat;
  const status = useReadable(useSession().status);
  const away = useAway(status.type !== "online");
  if (status.type === "outdated") {
    return (
      <Bar text={offline.outdated}>
        <Button size="sm" onClick={() => location.reload()}>
          {offline.reload}
        </Button>
      </Bar>
    );
  }
  return away ? <Bar text={offline.bar} /> : null;
}

function Bar({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div
      role="status"
      className="flex shrink-0 animate-appear items-center justify-center gap-2.5 bg-attention px-4 py-1.5 text-sm text-attention-foreground"
    >
      <CloudOff aria-hidden className="size-4 shrink-0" />
      <p>{text}</p>
      {children}
    </div>
  );
}

/** Becomes true a little after its argument: a blink of the connection is not worth a word. */
function useAway(away: boolean): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(away), away ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [away]);
  return shown && away;
}

const PATIENCE_MS = 1_500;
