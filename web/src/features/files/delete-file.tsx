import type { FileReference } from "@/crypto/file-content";
import { Confirm } from "@/components/ui/alert-dialog";
import { useWords } from "@/lib/i18n";
import { toast } from "@/lib/toasts";
import type { ConversationId } from "@/protocol/wire";
import { useSession } from "@/session";

/** Asks, and deletes a file that this account has sent. */
export function DeleteFile({
  conversation,
  file,
  onClose,
  onDeleted,
}: {
  conversation: ConversationId;
  file: FileReference;
  onClose(): void;
  onDeleted(): void;
}) {
  const { files: words } = useWords();
  const { files } = useSession();
  const confirm = async () => {
    try {
      await files.delete(conversation, file);
      onDeleted();
    } catch {
      toast(words.notDeleted, { tone: "error" });
    }
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.deleteTitle}
      text={<span className="wrap-anywhere">{words.deleteText(file.name)}</span>}
      action={words.deleteAction}
      destructive
      onConfirm={() => void confirm()}
    />
  );
}
