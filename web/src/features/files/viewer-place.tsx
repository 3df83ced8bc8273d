import { createContext, lazy, type ReactNode, Suspense, useState } from "react";

import type { FileReference } from "@/crypto/file-content";
import type { ConversationId } from "@/protocol/wire";

const Viewer = lazy(() => import("./viewer").then(({ Viewer }) => ({ default: Viewer })));

/** Opens a picture of the conversation around it. */
export const OpenPicture = createContext<(file: FileReference) => void>(() => {});

/** A conversation whose pictures can be looked at one by one. */
export function ViewerPlace({
  conversation,
  children,
}: {
  conversation: ConversationId;
  children: ReactNode;
}) {
  const [open, setOpen] = useState<FileReference | null>(null);
  return (
    <OpenPicture value={setOpen}>
      {children}
      <Suspense>
        {open && (
          <Viewer
            conversation={conversation}
            file={open}
            onMove={setOpen}
            onClose={() => setOpen(null)}
          />
        )}
      </Suspense>
    </OpenPicture>
  );
}
