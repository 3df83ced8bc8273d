import { Paperclip } from "lucide-react";
import {
  type ClipboardEvent,
  createContext,
  type DragEvent,
  lazy,
  type ReactNode,
  Suspense,
  useContext,
  useRef,
  useState,
} from "react";

import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import type { ConversationId } from "@/protocol/wire";

const SendFiles = lazy(() => import("./send-files").then(({ SendFiles }) => ({ default: SendFiles })));

const Offer = createContext<(files: readonly File[]) => void>(() => {});

/** A conversation that takes files: dropped on it, pasted into it, chosen with the button. */
export function FilesPlace({
  conversation,
  className,
  children,
}: {
  conversation: ConversationId;
  className?: string;
  children: ReactNode;
}) {
  const { files: words } = useWords();
  const [offered, setOffered] = useState<readonly File[]>([]);
  const [dragging, setDragging] = useState(false);
  // Entering a child comes before leaving its parent.
  const depth = useRef(0);

  const offer = (files: readonly File[]) => {
    if (files.length > 0) setOffered(files);
  };
  const onDrag = (event: DragEvent, step: number) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    depth.current = Math.max(0, depth.current + step);
    setDragging(depth.current > 0);
  };
  const onDrop = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    depth.current = 0;
    setDragging(false);
    offer(onlyFiles(event.dataTransfer));
  };
  const onPaste = (event: ClipboardEvent) => {
    const { clipboardData } = event;
    // Text that was copied from an office program brings its picture along.
    if (clipboardData.types.includes("text/plain") || clipboardData.files.length === 0) return;
    event.preventDefault();
    offer(Array.from(clipboardData.files));
  };

  return (
    <Offer value={offer}>
      <div
        className={cn("relative", className)}
        onDragEnter={(event) => onDrag(event, 1)}
        onDragLeave={(event) => onDrag(event, -1)}
        onDragOver={(event) => onDrag(event, 0)}
        onDrop={onDrop}
        onPaste={onPaste}
      >
        {children}
        {dragging && (
          <div className="pointer-events-none absolute inset-2 z-20 flex animate-appear items-center justify-center rounded-2xl border-2 border-dashed border-primary bg-background/85 text-lg font-medium">
            {words.drop}
          </div>
        )}
      </div>
      <Suspense>
        {offered.length > 0 && (
          <SendFiles conversation={conversation} files={offered} onClose={() => setOffered([])} />
        )}
      </Suspense>
    </Offer>
  );
}

/** Chooses files for the conversation around it. */
export function AttachButton() {
  const { files: words } = useWords();
  const offer = useContext(Offer);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        tabIndex={-1}
        aria-label={words.attach}
        onChange={(event) => {
          offer(Array.from(event.target.files ?? []));
          // The same file can be chosen again.
          event.target.value = "";
        }}
      />
      <Button
        variant="ghost"
        size="icon"
        aria-label={words.attach}
        title={words.attach}
        onClick={() => input.current?.click()}
      >
        <Paperclip aria-hidden />
      </Button>
    </>
  );
}

/** Folders come as files that cannot be read. */
function onlyFiles(transfer: DataTransfer): File[] {
  const items = Array.from(transfer.items).filter(({ kind }) => kind === "file");
  return items.flatMap((item) => {
    const file = item.webkitGetAsEntry()?.isDirectory ? null : item.getAsFile();
    return file ? [file] : [];
  });
}
