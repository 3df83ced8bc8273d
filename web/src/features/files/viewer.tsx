import { ChevronLeft, ChevronRight, Download, Trash2, X, ZoomIn, ZoomOut } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useContext, useMemo } from "react";

import type { FileReference } from "@/crypto/file-content";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useInertPage } from "@/components/ui/use-inert-page";
import { kindOf } from "@/lib/file-types";
import { useWords } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { ConversationId } from "@/protocol/wire";
import { deletedFiles, type Room, useSession } from "@/session";

import { saveBlob } from "./save-file";
import { failureText, useFetched } from "./use-fetched";
import { useObjectUrl } from "./use-object-url";
import { useZoom } from "./use-zoom";
import { FileActions } from "./viewer-place";

interface ViewerProps {
  conversation: ConversationId;
  file: FileReference;
  onMove(file: FileReference): void;
  onClose(): void;
}

/** A picture over everything, with those before and after it. */
export function Viewer(props: ViewerProps) {
  const room = useSession().room(props.conversation);
  if (!room) return null;
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()}>
      <Primitive.Portal>
        <Surface {...props} room={room} />
      </Primitive.Portal>
    </Dialog>
  );
}

function Surface({ room, file, onMove, onClose }: ViewerProps & { room: Room }) {
  const words = useWords();
  useInertPage();
  const { entries } = useReadable(room.timeline.window);
  const { account } = useSession();
  const { remove } = useContext(FileActions);
  const pictures = useMemo(() => {
    const gone = deletedFiles(entries);
    return entries.flatMap(({ content }) => {
      const said = content.type === "message" ? content.content : null;
      if (content.type !== "message" || said?.kind !== "file" || kindOf(said.file.type) !== "picture") return [];
      return gone.has(content.sender, said.file.id) ? [] : [{ file: said.file, sender: content.sender }];
    });
  }, [entries]);
  const place = pictures.findIndex(({ file: { id } }) => id === file.id);
  const own = pictures[place]?.sender === account;
  const move = (step: number) => {
    const next = place === -1 ? undefined : pictures[place + step];
    if (next) onMove(next.file);
  };
  const { state } = useFetched(file, file.type, true);
  const address = useObjectUrl(state.type === "here" ? state.content : null);
  const content = "content" in state ? state.content : null;
  const zoom = useZoom(file.id, move);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = keys(event.key, zoom, move);
    if (!action) return;
    event.preventDefault();
    action();
  };

  return (
    <Primitive.Content
      aria-modal
      aria-describedby={undefined}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onOpenAutoFocus={(event) => {
        event.preventDefault();
        if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
      }}
      onPointerDownOutside={(event) => event.preventDefault()}
      onFocusOutside={(event) => event.preventDefault()}
      className="fixed inset-0 z-50 flex animate-appear flex-col bg-black/92 text-white outline-none"
    >
      <header className="flex items-center gap-1 p-2 pt-[max(0.5rem,env(safe-area-inset-top))]">
        <Primitive.Title className="min-w-0 flex-1 truncate px-2 font-medium">
          <span className="sr-only">{words.files.viewer}: </span>
          <bdi>{file.name}</bdi>
        </Primitive.Title>
        {place !== -1 && pictures.length > 1 && (
          <p className="px-2 text-sm tabular-nums max-sm:hidden">
            {words.files.place(place + 1, pictures.length)}
          </p>
        )}
        <Tool label={words.files.zoomOut} disabled={zoom.scale <= 1} onClick={() => zoom.by(1 / STEP)}>
          <ZoomOut aria-hidden />
        </Tool>
        <Tool label={words.files.zoomIn} onClick={() => zoom.by(STEP)}>
          <ZoomIn aria-hidden />
        </Tool>
        <Tool
          label={words.files.save(file.name)}
          disabled={content === null}
          onClick={() => content && saveBlob(content, file.name)}
        >
          <Download aria-hidden />
        </Tool>
        {own && (
          <Tool label={words.files.delete(file.name)} onClick={() => remove(file)}>
            <Trash2 aria-hidden />
          </Tool>
        )}
        <Tool label={words.common.close} onClick={onClose}>
          <X aria-hidden />
        </Tool>
      </header>
      <div className="relative min-h-0 flex-1 touch-none overflow-hidden select-none" {...zoom.handlers}>
        {address !== null && (
          <img
            src={address}
            alt={words.files.described(words.files.picture, file.name)}
            draggable={false}
            className="absolute inset-0 m-auto max-h-full max-w-full"
            style={{ transform: zoom.transform }}
          />
        )}
        {address === null && (
          <p role="status" className="absolute inset-0 m-auto h-fit px-6 text-center">
            {state.type === "failed"
              ? failureText(state.reason, words)
              : words.files.loading(state.type === "loading" ? Math.floor(state.progress * 100) : 0)}
          </p>
        )}
      </div>
      {place > 0 && (
        <Side at="left-2" label={words.files.previous} onClick={() => move(-1)}>
          <ChevronLeft aria-hidden />
        </Side>
      )}
      {place !== -1 && place < pictures.length - 1 && (
        <Side at="right-2" label={words.files.next} onClick={() => move(1)}>
          <ChevronRight aria-hidden />
        </Side>
      )}
    </Primitive.Content>
  );
}

interface ToolProps {
  label: string;
  disabled?: boolean;
  onClick(): void;
  children: ReactNode;
}

function Tool({ label, disabled = false, onClick, children }: ToolProps) {
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className="text-white hover:bg-white/15 hover:text-white"
    >
      {children}
    </Button>
  );
}

function Side({ at, label, onClick, children }: ToolProps & { at: string }) {
  return (
    <div className={`absolute inset-y-0 ${at} flex h-fit my-auto`}>
      <Tool label={label} onClick={onClick}>
        {children}
      </Tool>
    </div>
  );
}

/** What a key does. */
function keys(key: string, zoom: ReturnType<typeof useZoom>, move: (step: number) => void) {
  const pan = (x: number, y: number) => () => zoom.pan(x, y);
  const zoomed = zoom.scale > 1;
  switch (key) {
    case "+":
    case "=":
      return () => zoom.by(STEP);
    case "-":
      return () => zoom.by(1 / STEP);
    case "0":
      return zoom.reset;
    case "ArrowLeft":
      return zoomed ? pan(PAN, 0) : () => move(-1);
    case "ArrowRight":
      return zoomed ? pan(-PAN, 0) : () => move(1);
    case "ArrowUp":
      return zoomed ? pan(0, PAN) : null;
    case "ArrowDown":
      return zoomed ? pan(0, -PAN) : null;
    default:
      return null;
  }
}

const STEP = 1.5;
const PAN = 80;
