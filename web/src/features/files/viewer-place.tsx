import { createContext, lazy, type ReactNode, Suspense, useMemo, useState } from "react";

import type { FileReference } from "@/crypto/file-content";
import { Confirm } from "@/components/ui/alert-dialog";
import { useWords } from "@/lib/i18n";
import { toast } from "@/lib/toasts";
import type { ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

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
      </Suspense>
      <ConfirmDelete
        conversation={conversation}
        file={leaving}
        onClose={() => setLeaving(null)}
        onDeleted={() => setOpen(null)}
      />
    </FileActions>
  );
}

function ConfirmDelete({
  conversation,
  file,
  onClose,
  onDeleted,
}: {
  conversation: ConversationId;
  file: FileReference | null;
  onClose(): void;
  onDeleted(): void;
}) {
  const { files: words } = useWords();
  const { files } = useSession();
  const confirm = async () => {
    if (!file) return;
    try {
      await files.delete(conversation, file);
      onDeleted();
    } catch {
      toast(words.notDeleted, { tone: "error" });
    }
  };
  return (
    <Confirm
      open={file !== null}
      onOpenChange={(open) => !open && onClose()}
      title={words.deleteTitle}
      text={<span className="wrap-anywhere">{file && words.deleteText(file.name)}</span>}
      action={words.deleteAction}
      destructive
      onConfirm={() => void confirm()}
    />
  );
}
