import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useId, useState } from "react";

import { Hint } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Label } from "@/components/ui/label";
import { cn } from "@/lib/cn";
import { useWords } from "@/lib/i18n";
import { passwordStrength, type Strength } from "@/lib/password-strength";

export interface PasswordFieldProps extends Omit<ComponentProps<"input">, "type" | "value"> {
  label: string;
  value: string;
  error?: string | undefined;
  /** Judges the password while it is chosen; the name is what it should not contain. */
  judgeFor?: string;
}

/** A password input that can show what is typed and, for a new one, how good it is. */
export function PasswordField({ label, error, judgeFor, className, ...props }: PasswordFieldProps) {
  const { account: words } = useWords();
  const field = useId();
  const [shown, setShown] = useState(false);
  const judged = judgeFor !== undefined;
  const toggle = shown ? words.hidePassword : words.showPassword;
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <Label htmlFor={field}>{label}</Label>
      <div className="relative">
        <Input
          id={field}
          type={shown ? "text" : "password"}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          aria-invalid={error !== undefined}
          aria-describedby={judged || error ? `${field}-hint` : undefined}
          className="pr-12"
          {...props}
        />
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={toggle}
          title={toggle}
          onClick={() => setShown(!shown)}
          className="absolute top-1/2 right-1.5 -translate-y-1/2 active:-translate-y-1/2"
        >
          {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </Button>
      </div>
      {judged ? (
        <Judgement id={`${field}-hint`} password={props.value} name={judgeFor} error={error} />
      ) : (
        <Hint id={`${field}-hint`} error={error} />
      )}
    </div>
  );
}

const steps: Record<Strength, number> = { short: 0, weak: 1, fair: 2, strong: 3 };

function Judgement({
  id,
  password,
  name,
  error,
}: {
  id: string;
  password: string;
  name: string;
  error: string | undefined;
}) {
  const { strength: words } = useWords().account;
  const strength = passwordStrength(password, name);
  const step = password === "" ? 0 : steps[strength];
  return (
    <div className="mt-0.5">
      <div aria-hidden className="flex gap-1">
        {[1, 2, 3].map((bar) => (
          <span
            key={bar}
            className={cn(
              "h-1 flex-1 rounded-full bg-border",
              bar <= step && (step === 1 ? "bg-attention-foreground" : "bg-primary"),
            )}
          />
        ))}
      </div>
      <div className="mt-1.5">
        <Hint id={id} error={error}>
          {password === "" ? words.empty : words[strength]}
        </Hint>
      </div>
    </div>
  );
}
