import { X } from "lucide-react";

import { Button } from "@/components/ui/button";
import { errorText } from "@/lib/error-text";
import { RequestError } from "@/lib/api";
import { fileSize } from "@/lib/format";
import { useLocale, useWords, type Words } from "@/lib/i18n";
import { useReadable } from "@/lib/use-readable";
import type { ConversationId } from "@/protocol/wire";
import { type UploadState, useSession } from "@/session";

import { FileIcon } from "./file-icon";

/** The files on their way to a conversation. */
export function UploadList({ conversation }: { conversation: ConversationId }) {
  const { files: words } = useWords();
  const uploads = useReadable(useSession().files.uploads(conversation));
  if (uploads.length === 0) return null;
  return (
    <ul
      aria-label={words.uploads}
      className="mx-auto flex max-h-48 w-full max-w-[52rem] flex-col gap-2 overflow-y-auto px-3 pb-2 @xl:px-4"
    >
      {uploads.map((upload) => (
        <Upload key={upload.id} upload={upload} />
      ))}
    </ul>
  );
}

function Upload({ upload }: { upload: UploadState }) {
  const words = useWords();
  const locale = useLocale();
  const { files } = useSession();
  const { id, file, step, progress } = upload;
  const failed = step.type === "failed";
  return (
    <li className="flex animate-rise items-center gap-3 rounded-lg border bg-card px-3 py-2">
      <FileIcon type={file.type} className="size-5 shrink-0 text-muted-foreground" />
      <div className="min-w-0 flex-1">
        <p className="flex gap-2">
          <bdi className="truncate font-medium">{file.name}</bdi>
          <span className="shrink-0 text-sm text-muted-foreground">{fileSize(file.size, locale)}</span>
        </p>
        {failed ? (
          <p role="alert" className="text-sm text-destructive">
            {stepText(upload, words)}
          </p>
        ) : (
          <p className="text-sm text-muted-foreground tabular-nums">{stepText(upload, words)}</p>
        )}
        {!failed && (
          <progress
            aria-label={file.name}
            max={1}
            value={step.type === "preparing" ? undefined : progress}
            className="block h-1 w-full appearance-none overflow-hidden rounded-full bg-muted [&::-moz-progress-bar]:bg-primary [&::-webkit-progress-bar]:bg-muted [&::-webkit-progress-value]:bg-primary [&::-webkit-progress-value]:transition-[inline-size]"
          />
        )}
      </div>
      {failed && (
        <Button variant="link" onClick={() => files.retry(id)}>
          {words.files.tryAgain}
        </Button>
      )}
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={words.files.cancel(file.name)}
        onClick={() => files.cancel(id)}
      >
        <X aria-hidden />
      </Button>
    </li>
  );
}

function stepText({ step, progress }: UploadState, words: Words): string {
  switch (step.type) {
    case "failed":
      return errorText(new RequestError(step.code, ""), words);
    case "sending":
      return words.files.step.sending(Math.floor(progress * 100));
    default:
      return words.files.step[step.type];
  }
}
