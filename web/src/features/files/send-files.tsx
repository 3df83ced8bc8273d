import { X } from "lucide-react";
import { type FormEvent, useEffect, useId, useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog, DialogActions, DialogContent } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import type { Chosen } from "@/files";
import { cleanName } from "@/lib/file-name";
import { fileSize } from "@/lib/format";
import { useLocale, useWords } from "@/lib/i18n";
import { type ConversationId, FILE_BYTES } from "@/protocol/wire";
import { useSession } from "@/session";

import { FileIcon } from "./file-icon";
import { prepare } from "./prepare";
import { useObjectUrl } from "./use-object-url";

interface Row {
  readonly file: File;
  /** Null while it is looked at. */
  readonly chosen: Chosen | null;
}

/** Shows what is about to be sent, and takes a message to go with it. */
export function SendFiles({
  conversation,
  files,
  onClose,
}: {
  conversation: ConversationId;
  files: readonly File[];
  onClose(): void;
}) {
  const { files: words, common } = useWords();
  const session = useSession();
  const [rows, setRows] = useState<readonly Row[]>(() => fitting(files));
  const [caption, setCaption] = useState("");
  const complaints = useId();
  const large = files.filter(({ size }) => size > FILE_BYTES);
  const ready = rows.every(({ chosen }) => chosen !== null);

  useEffect(() => {
    let over = false;
    const look = async () => {
      // One after the other: each may need the memory of a whole picture.
      for (const { file } of fitting(files)) {
        const chosen = await prepare(file);
        if (over) return;
        setRows((rows) => rows.map((row) => (row.file === file ? { file, chosen } : row)));
      }
    };
    void look();
    return () => {
      over = true;
    };
  }, [files]);

  const takeAway = (gone: Row) => {
    const left = rows.filter(({ file }) => file !== gone.file);
    if (left.length === 0) onClose();
    else setRows(left);
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || rows.length === 0) return;
    rows.forEach(({ chosen }, i) => {
      // What is written goes with the last one, below them all.
      const text = i === rows.length - 1 ? caption.trim() : "";
      if (chosen) session.files.send(conversation, chosen, text);
    });
    onClose();
  };

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent title={words.sendTitle(rows.length)}>
        <form onSubmit={send}>
          <ul className="flex flex-col gap-2">
            {rows.map((row) => (
              <FileRow key={rows.indexOf(row)} row={row} onTakeAway={() => takeAway(row)} />
            ))}
          </ul>
          <div id={complaints} role="alert" className="text-sm text-destructive">
            {large.map(({ name }, i) => (
              <p key={i} className="mt-2 wrap-anywhere">
                {words.tooLarge(cleanName(name))}
              </p>
            ))}
            {files.length - large.length > MOST && <p className="mt-2">{words.tooMany}</p>}
          </div>
          {rows.length > 0 && (
            <Input
              className="mt-4"
              aria-label={words.caption}
              placeholder={words.caption}
              value={caption}
              maxLength={CAPTION}
              dir="auto"
              autoComplete="off"
              autoFocus
              onChange={(event) => setCaption(event.target.value)}
            />
          )}
          <DialogActions>
            <Button type="submit" disabled={!ready || rows.length === 0}>
              {words.send}
            </Button>
            <Button variant="ghost" onClick={onClose}>
              {common.cancel}
            </Button>
          </DialogActions>
          <p className="sr-only" role="status">
            {ready ? "" : words.preparing}
          </p>
        </form>
      </DialogContent>
    </Dialog>
  );
}

function FileRow({ row, onTakeAway }: { row: Row; onTakeAway(): void }) {
  const { files: words } = useWords();
  const locale = useLocale();
  const name = cleanName(row.file.name);
  const picture = useObjectUrl(row.chosen?.thumbnail ?? null);
  return (
    <li className="flex items-center gap-3 rounded-lg border p-2">
      <span className="flex size-14 shrink-0 items-center justify-center overflow-hidden rounded-md bg-muted">
        {picture ? (
          <img src={picture} alt="" className="size-full object-cover" />
        ) : (
          <FileIcon type={row.chosen?.type ?? ""} className="text-muted-foreground" />
        )}
      </span>
      <span className="min-w-0 flex-1">
        <bdi className="block truncate font-medium" title={name}>
          {name}
        </bdi>
        <span className="text-sm text-muted-foreground">{fileSize(row.file.size, locale)}</span>
      </span>
      <Button variant="ghost" size="icon-sm" aria-label={words.takeAway(name)} onClick={onTakeAway}>
        <X aria-hidden />
      </Button>
    </li>
  );
}

function fitting(files: readonly File[]): Row[] {
  return files
    .filter(({ size }) => size <= FILE_BYTES)
    .slice(0, MOST)
    .map((file) => ({ file, chosen: null }));
}

const MOST = 10;
const CAPTION = 4_000;
