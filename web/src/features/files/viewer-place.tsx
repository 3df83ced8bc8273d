import { createContext, lazy, type ReactNode, Suspense, useMemo, useState } from "react";

import type { FileReference } from "@/crypto/file-content";
import type { ConversationId } from "@/protocol/wire";

const DeleteFile = lazy(() => import("./delete-file").then(({ DeleteFile }) => ({ default: DeleteFile })));
const Viewer = lazy(() => import("./viewer").then(({ Viewer }) => ({ default: Viewer })));

interface Actions {
  /** Looks at a picture of the conversation. */
  open(file: FileReference): void;
  /** Deletes a file that this account has sent into it, after asking. */
  remove(file: FileReference): void;
}

/** What can be done with files of the conversation around them. */
export const FileActions = createContext<Actions>({ open: () => {}, remove: () => {} });

/** A conversation whose pictures can be looked at one by one, and whose own files can be deleted. */
export function ViewerPlace({
  conversation,
  children,
}: {
  conversation: ConversationId;
  children: ReactNode;
}) {
  const [open, setOpen] = useState<FileReference | null>(null);
  const [leaving, setLeaving] = useState<FileReference | null>(null);
  const actions = useMemo<Actions>(() => ({ open: setOpen, remove: setLeaving }), []);
  return (
    <FileActions value={actions}>
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
        {leaving && (
          <DeleteFile
            conversation={conversation}
            file={leaving}
            onClose={() => setLeaving(null)}
            onDeleted={() => setOpen(null)}
          />
        )}
      </Suspense>
    </FileActions>
  );
}
