import { ScanLine } from "lucide-react";
import { useState } from "react";

import { FormError } from "@/components/field";
import { Form } from "@/components/form";
import { Section } from "@/components/page";
import { Button } from "@/components/ui/button";
import { RequestError } from "@/lib/api";
import { completed, tagOf, WORDS } from "@/lib/approval-words";
import { useWords } from "@/lib/i18n";
import { useTask } from "@/lib/use-task";
import { useSecurityWords } from "@/lib/words/security";
import type { Blob } from "@/protocol/wire";
import { Swapped, tagOfRequest } from "@/session/account";

import { requestOf } from "./request-link";
import { ScanRequest } from "./scan-request";
import { WordFields } from "./word-fields";

/** Where somebody says which device they mean: by camera or by words. */
export function FindDevice({ find }: { find(tag: Blob): Promise<void> }) {
  const { account } = useWords();
  const { add } = useSecurityWords().approval;
  const [words, setWords] = useState<readonly string[]>(() => Array.from({ length: WORDS }, () => ""));
  const [tried, setTried] = useState(false);
  const [scanning, setScanning] = useState(false);
  const task = useTask((error) => explain(error, add));
  return (
    <>
      <p className="text-muted-foreground">{add.text}</p>
      <Button className="mt-6 mb-10" onClick={() => setScanning(true)}>
        <ScanLine aria-hidden />
        {add.scan}
      </Button>
      <Section title={add.or}>
        <Form
          onSubmit={() => {
            setTried(true);
            const meant = words.map(completed);
            setWords(meant);
            const tag = tagOf(meant);
            if (tag) task.run(() => find(tag));
          }}
        >
          <WordFields words={words} tried={tried} onChange={setWords} />
          <FormError>{task.error}</FormError>
          <Button type="submit" size="lg" aria-disabled={task.busy}>
            {task.busy ? account.working : add.action}
          </Button>
        </Form>
      </Section>
      {scanning && (
        <ScanRequest
          take={async (text) => {
            const request = requestOf(text);
            const tag = request && (await tagOfRequest(request));
            if (!tag) return false;
            await find(tag);
            return true;
          }}
          onClose={() => setScanning(false)}
        />
      )}
    </>
  );
}

/** Why a device was not found. */
export function explain(error: unknown, add: { readonly none: string; readonly swapped: string }): string | undefined {
  if (error instanceof Swapped) return add.swapped;
  return error instanceof RequestError && error.code === "not_found" ? add.none : undefined;
}
