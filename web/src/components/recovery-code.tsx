import { Download, Printer } from "lucide-react";
import { useState } from "react";

import { CopyField } from "@/components/copy-field";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { sameCode } from "@/lib/code-text";
import { useWords } from "@/lib/i18n";

/** A recovery code to take along: on paper, in a file, in a password manager. */
export function ShowCode({ code, name, onKept }: { code: string; name: string; onKept(): void }) {
  const { recovery } = useWords().account;
  const sheet = recovery.sheet(name, location.host);
  return (
    <div className="flex flex-col gap-5">
      <p
        data-testid="recovery-code"
        dir="ltr"
        className="grid grid-cols-4 gap-x-3 gap-y-2 rounded-lg bg-muted px-4 py-3.5 text-center font-mono text-base tracking-wide tabular-nums"
      >
        {code.split("-").map((group, i) => (
          <span key={i}>{group}</span>
        ))}
      </p>
      <p className="hidden print:block">{sheet}</p>
      <div className="flex flex-col gap-3 print:hidden">
        <CopyField value={code} label={recovery.label} />
        <div className="grid grid-cols-2 gap-3">
          <Button variant="secondary" onClick={() => print()}>
            <Printer aria-hidden />
            {recovery.print}
          </Button>
          <Button variant="secondary" onClick={() => download(recovery.file, `${sheet}\n\n${code}\n`)}>
            <Download aria-hidden />
            {recovery.download}
          </Button>
        </div>
        <Button size="lg" className="mt-2" onClick={onKept}>
          {recovery.next}
        </Button>
      </div>
    </div>
  );
}

/** Makes sure that the code was kept: asks for its end. */
export function CheckCode({ code, onAgain, onDone }: { code: string; onAgain(): void; onDone(): void }) {
  const { recovery } = useWords().account;
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (sameCode(typed, code.split("-").slice(-2).join(""))) onDone();
        else setWrong(true);
      }}
    >
      <Field
        label={recovery.check.label}
        autoFocus
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        dir="ltr"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(false);
        }}
        error={wrong ? recovery.check.wrong : undefined}
      />
      <Button type="submit" size="lg">
        {recovery.check.action}
      </Button>
      <Button variant="link" className="self-start" onClick={onAgain}>
        {recovery.again}
      </Button>
    </form>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
