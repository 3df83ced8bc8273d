import { Download, Play, Trash2, X } from "lucide-react";
import { type ReactNode, useContext, useState } from "react";

import type { FileReference } from "@/crypto/file-content";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { BYTES, kindOf } from "@/lib/file-types";
import { duration, fileSize } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";

import { FileIcon } from "./file-icon";
import { Player } from "./player";
import { saveBlob } from "./save-file";
import { failureText, useFetched } from "./use-fetched";
import { useObjectUrl } from "./use-object-url";
import { FileActions } from "./viewer-place";

interface FileProps {
  file: FileReference;
  /** Who looks at it has sent it, and may delete it. */
  own: boolean;
}

/** A file in a message, as what it is. */
export function FileMessage(props: FileProps) {
  switch (kindOf(props.file.type)) {
    case "picture":
      return props.file.width === null ? <FileCard {...props} /> : <Picture {...props} />;
    case "video":
    case "sound":
      return <Playable {...props} />;
    case "other":
      return <FileCard {...props} />;
  }
}

function Picture({ file, own }: FileProps) {
  const { files: words } = useWords();
  const { open } = useContext(FileActions);
  return (
    <div className="relative w-fit max-w-full">
      <button
        type="button"
        aria-label={words.open(file.name)}
        className="block max-w-full cursor-zoom-in overflow-hidden rounded-xl"
        onClick={() => open(file)}
      >
        <Frame file={file} label={words.described(words.picture, file.name)} />
      </button>
      {own && (
        <DeleteButton
          file={file}
          // Where nothing can hover, the viewer has it.
          className="absolute top-1.5 right-1.5 bg-black/60 text-white opacity-0 group-hover/row:opacity-100 hover:bg-black/75 hover:text-white focus-visible:opacity-100 [@media(hover:none)]:hidden"
        />
      )}
    </div>
  );
}

function DeleteButton({ file, className }: { file: FileReference; className?: string }) {
  const { files: words } = useWords();
  const { remove } = useContext(FileActions);
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={words.delete(file.name)}
      title={words.deleteAction}
      className={className}
      onClick={() => remove(file)}
    >
      <Trash2 aria-hidden />
    </Button>
  );
}

/** The small picture of a file in the room that the large one declares. */
function Frame({ file, label, children }: { file: FileReference; label: string; children?: ReactNode }) {
  const small = file.thumbnail;
  const { state } = useFetched(small, small?.type ?? BYTES, small !== null, "small");
  const address = useObjectUrl(state.type === "here" ? state.content : null);
  const [width, height] = fitted(file.width ?? 16, file.height ?? 9);
  return (
    <span
      className="relative flex max-w-full items-center justify-center bg-muted text-muted-foreground"
      style={{ width: `${width}rem`, aspectRatio: `${width} / ${height}` }}
    >
      {address ? (
        <img src={address} alt={label} className="size-full object-cover" draggable={false} />
      ) : (
        <FileIcon type={file.type} className="size-8" />
      )}
      {children}
    </span>
  );
}

function Playable({ file, own }: FileProps) {
  const { files: words } = useWords();
  const [playing, setPlaying] = useState(false);
  const video = kindOf(file.type) === "video" && file.width !== null;
  return (
    <div className="max-w-full">
      {playing ? (
        <Player file={file} className={cn(video ? "w-96" : "w-80", "max-w-full")} />
      ) : (
        video && (
          <button
            type="button"
            aria-label={words.play(file.name)}
            className="group/play block max-w-full overflow-hidden rounded-xl"
            onClick={() => setPlaying(true)}
          >
            <Frame file={file} label={words.described(words.video, file.name)}>
              <span className="absolute flex size-14 items-center justify-center rounded-full bg-black/60 text-white transition-transform group-hover/play:scale-110">
                <Play aria-hidden className="size-6 fill-current" />
              </span>
              {file.duration !== null && (
                <span className="absolute right-2 bottom-2 rounded bg-black/60 px-1.5 text-xs text-white tabular-nums">
                  {duration(file.duration)}
                </span>
              )}
            </Frame>
          </button>
        )
      )}
      <FileCard file={file} own={own} className="mt-1">
        {!playing && !video && (
          <Button
            variant="ghost"
            size="icon"
            aria-label={words.play(file.name)}
            onClick={() => setPlaying(true)}
          >
            <Play aria-hidden />
          </Button>
        )}
      </FileCard>
    </div>
  );
}

/** Name and size of a file, and the button that saves it. */
export function FileCard({
  file,
  own,
  className,
  children,
}: FileProps & {
  className?: string;
  children?: ReactNode;
}) {
  const words = useWords();
  const locale = useLocale();
  const { state, start, stop } = useFetched(file, BYTES, false);
  const loading = state.type === "loading";
  const save = async () => {
    const content = await start();
    if (content) saveBlob(content, file.name);
  };
  return (
    <div className={cn("w-80 max-w-full", className)}>
      <div className="flex items-center gap-3 rounded-xl border bg-card py-1.5 pr-1.5 pl-3">
        <FileIcon type={file.type} className="size-5 shrink-0 text-muted-foreground" />
        <div className="min-w-0 flex-1">
          <bdi className="block truncate font-medium" title={file.name}>
            {file.name}
          </bdi>
          <p className="text-sm text-muted-foreground tabular-nums" aria-live="polite">
            {loading
              ? words.files.loading(Math.floor(state.progress * 100))
              : fileSize(file.size, locale)}
          </p>
        </div>
        {children}
        {own && <DeleteButton file={file} />}
        {loading ? (
          <Button variant="ghost" size="icon" aria-label={words.files.stop} onClick={stop}>
            <X aria-hidden />
          </Button>
        ) : (
          <Button
            variant="ghost"
            size="icon"
            aria-label={words.files.save(file.name)}
            onClick={() => void save()}
          >
            <Download aria-hidden />
          </Button>
        )}
      </div>
      {state.type === "failed" && (
        <p role="alert" className="pt-1 text-sm text-destructive">
          {failureText(state.reason, words)}
        </p>
      )}
    </div>
  );
}

/** In rem, within what a message gives a picture. */
function fitted(width: number, height: number): readonly [number, number] {
  const scale = Math.min(WIDEST / width, HIGHEST / height, 1 / 8);
  return [Math.max(LEAST, width * scale), Math.max(LEAST, height * scale)];
}

const WIDEST = 22;
const HIGHEST = 20;
const LEAST = 4;
